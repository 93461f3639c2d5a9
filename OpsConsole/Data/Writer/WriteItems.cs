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

internal sealed class AskItem(Ask ask, string agentId, string keyId, IdempotencyClaim? idempotency, Func<Answer, string> render) : WriteItem<Answer>
{
    public Ask Ask => ask;
    public string AgentId => agentId;
    public string KeyId => keyId;
    public IdempotencyClaim? Idempotency => idempotency;
    public Func<Answer, string> Render => render;
}

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
    public async Task<bool> RunAsync(ChangeScope scope, CancellationToken ct)
    {
        var result = await work(scope, ct);
        Settle(result);
        return result.Ok;
    }
}

/// <summary>Only looks whether the database answers, and at what others wrote.</summary>
internal sealed class LookItem : WriteItem, IChange
{
    public Task<bool> RunAsync(ChangeScope scope, CancellationToken ct) => Task.FromResult(false);

    public override void Complete() { }
    public override void Fail(Fault fault) { }
    public override void Throw(Exception bug) { }
}
