using OpsConsole.Core.Approvals;

namespace OpsConsole.Core.Decisions;

/// <summary>A recorded answer.</summary>
/// <param name="Arguments">Canonical JSON of what may be executed.</param>
/// <param name="Replay">The stored body, where an <c>Idempotency-Key</c> replays an earlier answer; then everything else is of that earlier decision.</param>
public sealed record Answer(DecisionRecord Decision, ApprovalRequest? Approval, string Arguments, string? Replay = null);

/// <summary>An <c>Idempotency-Key</c> with the hash of the body it came with.</summary>
public sealed record IdempotencyClaim(string Key, byte[] BodySha256);

/// <summary>What an agent (or, to reconcile, a person) says became of a decision.</summary>
/// <param name="Payload">Canonical JSON of the whole report.</param>
public sealed record Report(ReportStatus Status, string? Error, long? CostUsd, long? CostTokens, int WriteCount, string Payload, byte[] Sha256);

/// <summary>That a report was taken; <paramref name="Repeated"/> when the same one was there already.</summary>
public sealed record Reported(string DecisionId, ReportStatus Status, bool Late, bool Repeated);
