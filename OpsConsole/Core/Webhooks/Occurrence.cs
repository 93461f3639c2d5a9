using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Webhooks;

/// <summary>What an endpoint may ask to be told.</summary>
/// <param name="Name">On the wire <c>io.opsconsole.{name}.v1</c>.</param>
public sealed record WebhookEvent(string Name, string Meaning)
{
    public const string Test = "webhook.test";
    /// <summary>Not news: whoever takes it carries undo steps out and answers with what became of them. Sent for each step, under the step's id.</summary>
    public const string Undo = "undo.requested";

    public static IReadOnlyList<WebhookEvent> All { get; } =
    [
        new("approval.requested", "An agent waits for people"),
        new("approval.escalated", "More people were asked"),
        new("approval.decided", "Released, rejected, expired or cancelled"),
        new("alert.raised", "An agent did what it may not, looped, or reached a cap"),
        new("pause.changed", "An agent, the rollout or everything was paused or resumed"),
        new("gate.changed", "A gate was passed, revoked or fell"),
        new("matrix.published", "Another version of the matrix is in force"),
        new(Undo, "A write is to be undone: the receiver does it and answers; one webhook of a rollout at most"),
    ];

    public static bool Exists(string name) => All.Any(e => e.Name == name);

    public static string Type(string name) => $"io.opsconsole.{name}.v1";
}

/// <summary>Something that happened, as it is told outside: ids and words of closed lists, nothing that a person or an agent wrote.</summary>
/// <param name="Seq">The entry of the log that it stands for.</param>
/// <param name="RolloutId">Null: it concerns every rollout.</param>
/// <param name="Path">Where people look at it, who have to sign in there.</param>
public sealed record Occurrence(long Seq, string Name, string Subject, DateTimeOffset At, string? RolloutId, string Path, IReadOnlyList<(string Name, string Value)> Data)
{
    /// <summary>The events of the log that <see cref="Of"/> can tell something from. That somebody is asked is told from the request itself.</summary>
    public static IReadOnlyList<string> Sources { get; } =
    [
        "approval.escalated", "approval.voted", "approval.expired", "approval.cancelled", "decision.released", "decision.denied", "alert.raised", "agent.paused", "agent.resumed",
        "rollout.paused", "rollout.resumed", "everything.paused", "everything.resumed", "gate.passed", "gate.revoked", "gate.fell", "matrix.published",
    ];

    public static Occurrence Requested(long seq, string approvalId, string rolloutId, string agentId, DateTimeOffset at)
        => Approval(seq, "approval.requested", approvalId, at, rolloutId, ("agent_id", agentId));

    public static Occurrence Test(long seq, string endpointId, string rolloutId, DateTimeOffset at)
        => new(seq, WebhookEvent.Test, "webhooks/" + endpointId, at, rolloutId, $"/rollouts/{rolloutId}/webhooks", [("webhook_id", endpointId)]);

    /// <summary>What an entry means to the outside; null when nothing, such as a vote that decides nothing yet.</summary>
    public static Occurrence? Of(LogEvent entry)
    {
        var rollout = entry.Word("rollout");
        return entry.Event switch
        {
            "approval.escalated" => Approval(entry, "approval.escalated", rollout, ("cause", entry.Word("cause") ?? "")),
            "approval.voted" when entry.Word("verdict") == "reject" => Decided(entry, rollout, "deny", "rejected"),
            "approval.expired" => Decided(entry, rollout, "deny", "expired"),
            "approval.cancelled" => Decided(entry, rollout, "deny", "cancelled"),
            "decision.released" => Decided(entry, rollout, "allow", entry.Flag("edited") == true ? "edited" : "approved"),
            "decision.denied" => Decided(entry, rollout, "deny", "withdrawn"),
            "alert.raised" => new(entry.Seq, "alert.raised", "decisions/" + entry.Object, entry.At, rollout, "/decisions/" + entry.Object, [("kind", entry.Word("kind") ?? ""), ("agent_id", entry.Word("agent") ?? ""), ("decision_id", entry.Object)]),
            "agent.paused" or "agent.resumed" => Pause(entry, rollout, "agents/" + entry.Object, ("agent_id", entry.Object)),
            "rollout.paused" or "rollout.resumed" => Pause(entry, rollout ?? entry.Object, "rollouts/" + entry.Object),
            "everything.paused" or "everything.resumed" => Pause(entry, null, ""),
            "gate.passed" or "gate.revoked" or "gate.fell" when rollout is not null => new(entry.Seq, "gate.changed", "rollouts/" + rollout, entry.At, rollout, "/rollouts/" + rollout, [("gate", entry.Word("gate") ?? entry.Object.Split('/')[^1]), ("change", entry.Event["gate.".Length..])]),
            "matrix.published" when rollout is not null => new(entry.Seq, "matrix.published", "rollouts/" + rollout, entry.At, rollout, $"/rollouts/{rollout}/matrix/versions", [("version", entry.Number("version")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "")]),
            _ => null,
        };
    }

    private static Occurrence Decided(LogEvent entry, string? rollout, string outcome, string status) => Approval(entry, "approval.decided", rollout, ("outcome", outcome), ("status", status));

    private static Occurrence Approval(LogEvent entry, string name, string? rollout, params (string Name, string Value)[] more) => Approval(entry.Seq, name, Ids.Rename(entry.Object, "apr"), entry.At, rollout, more);

    private static Occurrence Approval(long seq, string name, string id, DateTimeOffset at, string? rollout, params (string Name, string Value)[] more)
        => new(seq, name, "approvals/" + id, at, rollout, "/approvals/" + id, [("approval_id", id), ("decision_id", Ids.Rename(id, "dec")), .. more]);

    private static Occurrence Pause(LogEvent entry, string? rollout, string what, params (string Name, string Value)[] more)
        => new(entry.Seq, "pause.changed", what.Length == 0 ? "console" : what, entry.At, rollout, "/" + what, [("paused", entry.Event.EndsWith(".paused", StringComparison.Ordinal) ? "true" : "false"), ("scope", entry.Event.Split('.')[0]), .. more]);
}
