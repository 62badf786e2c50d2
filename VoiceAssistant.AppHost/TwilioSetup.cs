using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Twilio.Clients;
using Twilio.Exceptions;

namespace VoiceAssistant.AppHost;

/// <summary>Points the account's calls at the tunnel, and back.</summary>
internal sealed class TwilioSetup(Setting accountSid, Setting authToken, Setting phoneNumber, Setting requireForwardedAt)
{
    private string? _before;

    public bool CanUndo => _before is not null;

    /// <summary>Whether Twilio asks the webhook itself, without the Function in between that says when.</summary>
    public bool IsDirect { get; private set; }

    /// <summary>How the REST interface is reached; another in tests.</summary>
    public Func<string, string, ITwilioRestClient> Connect { get; init; } = (account, token) => new TwilioRestClient(account, token);

    public Task<ExecuteCommandResult> PointAsync(string webhookUrl, CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        var pointer = await FindAsync(cancellationToken);
        await pointer.SetAsync(webhookUrl);
        if (pointer.Value != webhookUrl)
        {
            // What a second tunnel finds there is the first, which is gone.
            _before ??= pointer.Value ?? "";
        }

        IsDirect = pointer.IsDirect;
        return Moved(pointer, pointer.Value, webhookUrl);
    });

    public Task<ExecuteCommandResult> UndoAsync(CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        var pointer = await FindAsync(cancellationToken);
        await pointer.SetAsync(_before!);
        var after = _before!;
        (_before, IsDirect) = (null, false);
        return Moved(pointer, pointer.Value, after);
    });

    /// <summary>For the webhook's environment: calls that come directly have no time of the Function's on them.</summary>
    public void RelaxWhereDirect(EnvironmentCallbackContext context)
    {
        if (IsDirect && requireForwardedAt.Given is null or "")
        {
            context.EnvironmentVariables[requireForwardedAt.Name] = "false";
        }
    }

    private ExecuteCommandResult Moved(TwilioPointer pointer, string? before, string after)
    {
        var note = IsDirect && requireForwardedAt.Given is (null or "")
            ? $"Everybody who knows the number may call now. No Function says when a call was forwarded, so the webhook starts again without asking for it; "
                + $"{requireForwardedAt.Name}=false in .env keeps it so."
            : "";
        return CommandResults.Success(
            $"{pointer.What} is now {Shown(after)}.",
            $"""
            {pointer.What}

            | | |
            |---|---|
            | before | {Shown(before)} |
            | after | {Shown(after)} |

            {note}
            """,
            CommandResultFormat.Markdown,
            displayImmediately: true);
    }

    private static string Shown(string? url) => string.IsNullOrEmpty(url) ? "(empty)" : url;

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the REST client throws is for the person who pressed the button.")]
    private static async Task<ExecuteCommandResult> ExplainAsync(Func<Task<ExecuteCommandResult>> act)
    {
        try
        {
            return await act();
        }
        catch (InvalidDataException exception)
        {
            return CommandResults.Failure(exception.Message);
        }
        catch (ApiException exception)
        {
            return CommandResults.Failure($"Twilio answered {exception.Status}: {exception.Message}");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return CommandResults.Failure($"Twilio could not be reached: {exception.Message}");
        }
    }

    private async Task<TwilioPointer> FindAsync(CancellationToken cancellationToken)
    {
        var account = await accountSid.ReadAsync(cancellationToken);
        // During a rotation there are several; the first is the one to use.
        var token = (await authToken.ReadAsync(cancellationToken)).Split(',')[0].Trim();
        if (account is "")
        {
            throw new InvalidDataException($"{accountSid.Name} is not set; put it and {authToken.Name}, both from the Twilio console, into .env and start again.");
        }

        return await TwilioPointer.FindAsync(Connect(account, token), await phoneNumber.ReadAsync(cancellationToken));
    }
}

internal static class TwilioSetupExtensions
{
    public const string Point = "point-twilio-here";
    public const string Undo = "undo-point-twilio-here";

    /// <summary>Adds the two commands; the webhook starts again where that changes what it has to ask of a call.</summary>
    public static IResourceBuilder<T> WithTwilioCommands<T>(
        this IResourceBuilder<T> tunnel, TwilioSetup twilio, IResourceBuilder<ProjectResource> webhook) where T : IResource
    {
        webhook.WithEnvironment(twilio.RelaxWhereDirect);
        var address = tunnel.Resource.Address();
        return tunnel
            .WithCommand(Point, "Point Twilio here", context => address.Url is { } url
                ? RestartingAsync(context, () => twilio.PointAsync(url + "/incoming-call", context.CancellationToken))
                : Task.FromResult(CommandResults.Failure("The tunnel has no address yet.")), new()
            {
                Description = "Sets WEBHOOK_URL of the Function service voice-assistant to this tunnel; without such a service, the number's voice URL.",
                ConfirmationMessage = "Real calls to your number will come to this machine. What stood at Twilio before is shown, and can be restored.",
                IconName = "CallForward",
                IsHighlighted = true,
                UpdateState = _ => address.Url is null ? ResourceCommandState.Disabled : ResourceCommandState.Enabled,
            })
            .WithCommand(Undo, "Point Twilio back", context => RestartingAsync(context, () => twilio.UndoAsync(context.CancellationToken)), new()
            {
                Description = "Restores what stood at Twilio before it was pointed here.",
                ConfirmationMessage = "Calls to your number will go where they went before.",
                IconName = "ArrowUndo",
                UpdateState = _ => twilio.CanUndo ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
            });

        async Task<ExecuteCommandResult> RestartingAsync(ExecuteCommandContext context, Func<Task<ExecuteCommandResult>> change)
        {
            var wasDirect = twilio.IsDirect;
            var result = await change();
            if (twilio.IsDirect != wasDirect)
            {
                var commands = context.Services.GetRequiredService<ResourceCommandService>();
                await commands.ExecuteCommandAsync(webhook.Resource, KnownResourceCommands.RestartCommand, context.CancellationToken);
            }

            return result;
        }
    }
}
