using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Features.Webhooks;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo;

/// <summary>The team's own endpoint for undo steps: the webhook of the rollout that takes <c>undo.requested</c>. Each step goes there signed, with its id as <c>webhook-id</c> at every attempt; the answer says what became of it.</summary>
internal static class UndoEndpoint
{
    /// <summary>A rollout's endpoint; null: it has none that is on.</summary>
    public static async Task<WebhookEndpoint?> OfAsync(OpsDbContext db, string rolloutId, CancellationToken ct)
        => (await db.Webhooks.AsNoTracking().Where(e => e.RolloutId == rolloutId && e.OffAt == null).ToListAsync(ct)).Find(e => e.Events.Contains(WebhookEvent.Undo));

    public static Task<AttemptResult> SendAsync(SignedSender sender, WebhookEndpoint endpoint, UndoTask task, CancellationToken ct)
    {
        object message = endpoint.Format == MessageFormat.CloudEvents
            ? new { specversion = "1.0", id = task.Key, source = WebhookMessage.Source, type = WebhookEvent.Type(WebhookEvent.Undo), subject = "undo/" + task.Id, time = task.UnchangedSince, datacontenttype = "application/json", data = task }
            : new { type = WebhookEvent.Undo, timestamp = task.UnchangedSince, data = task };
        return sender.SendAsync(endpoint, task.Key, JsonSerializer.SerializeToUtf8Bytes(message, Wire.Json), WebhookMessage.ContentType(endpoint.Format), keepAnswer: true, ct);
    }

    /// <summary>What an answer says became of the step; null: nothing that could be relied on, so it is asked again under the same key.</summary>
    public static UndoOutcomeRequest? Read(AttemptResult result)
    {
        if (!result.Ok || result.Answer is null) return null;
        try
        {
            using var document = JsonDocument.Parse(result.Answer);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.String || UndoOutcomeRequest.Parse(status.GetString()) is not { } state) return null;
            var words = root.TryGetProperty("words", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString() : null;
            if (words is not null && TextRules.Wrong("words", words, UndoStep.LongestWords) is not null) words = null;
            return new UndoOutcomeRequest(state, string.IsNullOrWhiteSpace(words) && state != UndoState.Undone ? $"The team's endpoint says: {UndoWords.Of(state)}." : words);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
