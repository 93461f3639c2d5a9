using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Execution;

namespace OpsConsole.Core.Decisions;

/// <summary>What comes back for an ask: an <see cref="Answer"/>, or one that was given before.</summary>
public abstract record Reply;

/// <summary>A recorded answer.</summary>
/// <param name="Arguments">Canonical JSON of what may be executed.</param>
/// <param name="Question">What the agent was asked back and has not answered, while people decide.</param>
public sealed record Answer(DecisionRecord Decision, ApprovalRequest? Approval, string Arguments, OpenQuestion? Question = null) : Reply;

/// <summary>A question to the agent, by name of who asked.</summary>
public sealed record OpenQuestion(string Id, string Text, string AskedBy, DateTimeOffset AskedAt);

/// <summary>An earlier answer, replayed for its <c>Idempotency-Key</c>. It holds no decision: what became of that since is to be looked up.</summary>
/// <param name="Body">As it was sent then.</param>
public sealed record Replayed(string Body) : Reply
{
    private readonly Lazy<(string Id, bool Pending)> _said = new(() => Read(Body));

    public string Id => _said.Value.Id;
    /// <summary>Whether a person still had to decide when it was sent.</summary>
    public bool Pending => _said.Value.Pending;

    private static (string, bool) Read(string body)
    {
        using var document = JsonDocument.Parse(body);
        return (document.RootElement.GetProperty("id").GetString()!, document.RootElement.GetProperty("outcome").ValueEquals("pending"));
    }
}

/// <summary>An <c>Idempotency-Key</c> with the hash of the body it came with.</summary>
public sealed record IdempotencyClaim(string Key, byte[] BodySha256);

/// <summary>What an agent (or, to reconcile, a person) says became of a decision.</summary>
/// <param name="Writes">What was written, in the order of the report.</param>
/// <param name="Payload">Canonical JSON of the whole report.</param>
public sealed record Report(ReportStatus Status, string? Error, long? CostUsd, long? CostTokens, IReadOnlyList<WriteTarget> Writes, string Payload, byte[] Sha256);

/// <summary>That a report was taken; <paramref name="Repeated"/> when the same one was there already.</summary>
public sealed record Reported(string DecisionId, ReportStatus Status, bool Late, bool Repeated);
