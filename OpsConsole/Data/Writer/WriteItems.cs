using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Data.Writer;

/// <summary>One thing that waits for its transaction. Told after the commit what came of it, or the fault that kept it from happening.</summary>
internal abstract class WriteItem
{
    public abstract void Complete();
    public abstract void Fail(Fault fault);
    public abstract void Throw(Exception bug);
}

internal abstract class WriteItem<T> : WriteItem
{
    private readonly TaskCompletionSource<Result<T>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Result<T> _result;

    public Task<Result<T>> Task => _done.Task;
    /// <summary>Decided inside the transaction; told by <see cref="Complete"/>.</summary>
    public void Settle(Result<T> result) => _result = result;
    public override void Complete() => _done.TrySetResult(_result);
    public override void Fail(Fault fault) => _done.TrySetResult(fault);
    public override void Throw(Exception bug) => _done.TrySetException(bug);
}

/// <summary>A recorded answer.</summary>
/// <param name="Arguments">Canonical JSON of what may be executed.</param>
/// <param name="Replay">The stored body, where an <c>Idempotency-Key</c> replays an earlier answer; then everything else is of that earlier decision.</param>
public sealed record Answer(DecisionRecord Decision, ApprovalRequest? Approval, string Arguments, string? Replay = null);

/// <summary>An <c>Idempotency-Key</c> with the hash of the body it came with.</summary>
public sealed record IdempotencyClaim(string Key, byte[] BodySha256);

internal sealed class AskItem(Ask ask, string agentId, string keyId, IdempotencyClaim? idempotency, Func<Answer, string> render) : WriteItem<Answer>
{
    public Ask Ask => ask;
    public string AgentId => agentId;
    public string KeyId => keyId;
    public IdempotencyClaim? Idempotency => idempotency;
    public Func<Answer, string> Render => render;
}

/// <summary>What an agent (or, to reconcile, a person) says became of a decision.</summary>
/// <param name="Payload">Canonical JSON of the whole report.</param>
public sealed record Report(ReportStatus Status, string? Error, long? CostUsd, long? CostTokens, int WriteCount, string Payload, byte[] Sha256);

public sealed record Reported(string DecisionId, ReportStatus Status, bool Late, bool Repeated);

/// <param name="agentId">Null for a person who reconciles.</param>
internal sealed class ReportItem(long seq, string decisionId, string? agentId, Actor actor, Report report) : WriteItem<Reported>
{
    public long Seq => seq;
    public string DecisionId => decisionId;
    public string? AgentId => agentId;
    public Actor Actor => actor;
    public Report Report => report;
}

/// <summary>A change with a transaction of its own.</summary>
internal interface IChange
{
    /// <summary>False: a refusal, nothing is kept.</summary>
    Task<bool> RunAsync(ChangeScope scope, CancellationToken ct);
}

internal sealed class ChangeItem<T>(Func<ChangeScope, CancellationToken, Task<Result<T>>> work) : WriteItem<T>, IChange
{
    /// <summary>Follows from something that is committed already: kept until it is written.</summary>
    public bool FollowUp { get; init; }

    public async Task<bool> RunAsync(ChangeScope scope, CancellationToken ct)
    {
        var result = await work(scope, ct);
        Settle(result);
        return result.Ok;
    }
}
