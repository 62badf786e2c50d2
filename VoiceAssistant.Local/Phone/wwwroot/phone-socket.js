const MOST_WAITING = 25 * 160; // Half a second of audio; where the server reads no faster, later is worse than lost.

/** One call: open it to dial. Text messages are JSON, binary messages are frames of 160 bytes, both ways. */
export class PhoneSocket {
  #socket;

  /** @param handlers {{event(kind, text), times(times), frame(bytes), closed(wasOpen)}} */
  constructor(handlers) {
    const url = new URL('phone', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    let wasOpen = false;

    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => {
      wasOpen = true;
      this.#send({ type: 'call' });
    };
    this.#socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) {
        handlers.frame(new Uint8Array(data));
        return;
      }
      const message = JSON.parse(data);
      if (message.type === 'event') {
        handlers.event(message.kind, message.text);
      } else if (message.type === 'times') {
        handlers.times(message);
      }
    };
    this.#socket.onclose = () => handlers.closed(wasOpen);
  }

  /** Asks the server to end the call; where it cannot be asked yet, the call ends here. */
  hangUp() {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#send({ type: 'hangup' });
    } else {
      this.close();
    }
  }

  /** Nothing is heard from the server any more. */
  close() {
    this.#socket.close();
  }

  press(digit) {
    this.#send({ type: 'dtmf', digit });
  }

  speak(frame) {
    if (this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < MOST_WAITING) {
      this.#socket.send(frame);
    }
  }

  #send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }
}
