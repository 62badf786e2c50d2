using System.Net.WebSockets;
using System.Text;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What the client's events do.</summary>
internal sealed partial class OfflineSession
{
    private void Handle(WebSocketMessageType messageType, ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (_isEnding)
            {
                return;
            }

            ClientEvent? client = null;
            try
            {
                if (messageType != WebSocketMessageType.Text)
                {
                    throw new InvalidRequestException("invalid_event", "The event is not a text message.");
                }

                if (AppendEvent.TryRead(message.Span, out var audio))
                {
                    _turns.Append(audio);
                    return;
                }

                client = ClientEvent.Parse(message);
                client.Validate();
                Handle(client);
            }
            catch (InvalidRequestException error)
            {
                _events.Error(error, client?.Id);
            }
            finally
            {
                client?.Dispose();
            }
        }
    }

    private void Handle(ClientEvent client)
    {
        switch (client.Type)
        {
            case "session.update":
                _settings.Update(client.Root.GetProperty("session"));
                _events.Session("session.updated"u8, _settings);
                break;
            case "input_audio_buffer.append":
                _turns.Append(Encoding.UTF8.GetBytes(client.TextOf("audio")!));
                break;
            case "input_audio_buffer.commit":
                _turns.Commit();
                break;
            case "input_audio_buffer.clear":
                _turns.Clear();
                break;
            case "conversation.item.create":
                Create(client);
                break;
            case "conversation.item.retrieve":
                _items.Retrieved(Find(client, "retrieve", "retrieving"));
                break;
            case "conversation.item.truncate":
                Truncate(Find(client, "truncate", "truncating"), client.Root.GetProperty("audio_end_ms").GetInt32());
                break;
            case "conversation.item.delete":
                var deleted = Find(client, "delete", "deleting");
                _conversation.Remove(deleted);
                _items.Deleted(deleted);
                break;
            case "response.create":
                _responses.Create(ResponseRequest.Read(client.Root.TryGetProperty("response", out var response) ? response : null, _settings));
                break;
            case "response.cancel":
                _responses.Cancel(client.TextOf("response_id"));
                break;
        }
    }

    private void Create(ClientEvent client)
    {
        var item = ConversationItem.FromClient(client.Root.GetProperty("item"));
        if (_conversation.Find(item.Id) is not null)
        {
            throw Fields.Invalid("item.id", $"Error adding item: an item with id '{item.Id}' already exists.");
        }

        var previousId = client.TextOf("previous_item_id");
        if (previousId is not (null or "root") && _conversation.Find(previousId) is null)
        {
            throw new InvalidRequestException(
                "item_create_invalid_previous_item_id",
                $"Error adding item: the previous item with id '{Fields.Quotable(previousId)}' does not exist.",
                "previous_item_id");
        }

        previousId = _conversation.Add(item, previousId);
        if (item.Key is not null)
        {
            _keys.Wait();
        }

        _items.Added(item, previousId);
        _items.Done(item, previousId);
    }

    private void Truncate(ConversationItem item, int audioEndMs)
    {
        if (item.Role != "assistant" || item.Given is not null || item.IsWritten)
        {
            // Without a code, as seen from OpenAI.
            throw new InvalidRequestException(null, "Only model output audio messages can be truncated");
        }

        if (audioEndMs > item.AudioMs)
        {
            throw Fields.Invalid("audio_end_ms", $"Audio content of {item.AudioMs}ms is already shorter than {audioEndMs}ms");
        }

        item.Truncate(audioEndMs);
        _items.Truncated(item);
    }

    private ConversationItem Find(ClientEvent client, string verb, string participle)
    {
        var id = client.TextOf("item_id")!;
        return _conversation.Find(id) ?? throw new InvalidRequestException(
            $"item_{verb}_invalid_item_id", $"Error {participle} item: the item with id '{Fields.Quotable(id)}' does not exist.", "item_id");
    }
}
