using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Data.Writer;

/// <summary>One thing that waits for its transaction. Told after the commit what came of it, or the fault that kept it from happening; never on the writer's own thread.</summary>
internal abstract class WriteItem : IThreadPoolWorkItem
{
    /// <summary>Tells whoever waits, who then goes on here, on this thread.</summary>
    public abstract void Execute();
    protected abstract void Refuse(Fault fault);
    protected abstract void Break(Exception bug);

    public void Fail(Fault fault)
    {
        Refuse(fault);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Throw(Exception bug)
    {
        Break(bug);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Tells a whole batch: one hand-over per processor instead of one per item, which costs more than most answers do.</summary>
    public static void Deliver(List<WriteItem> items)
    {
        var share = Math.Max(4, (items.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        for (var from = 0; from < items.Count; from += share)
            ThreadPool.UnsafeQueueUserWorkItem(new Share(items.GetRange(from, Math.Min(share, items.Count - from))), preferLocal: false);
    }

    private sealed class Share(List<WriteItem> items) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            foreach (var item in items) item.Execute();
        }
    }
}

internal abstract class WriteItem<T> : WriteItem
{
    // Whoever waits goes on within SetResult: Execute is called from the thread pool only.
    private readonly TaskCompletionSource<Result<T>> _done = new();
    private Result<T> _result;
    private Exception? _bug;

    public Task<Result<T>> Task => _done.Task;
    /// <summary>Decided inside the transaction; told by <see cref="WriteItem.Deliver"/>.</summary>
    public void Settle(Result<T> result) => _result = result;
    protected override void Refuse(Fault fault) => _result = fault;
    protected override void Break(Exception bug) => _bug = bug;

    public override void Execute()
    {
        if (_bug is null) _done.TrySetResult(_result); else _done.TrySetException(_bug);
    }
}

internal sealed class AskItem(Ask ask, string agentId, string keyId, IdempotencyClaim? idempotency, Func<Answer, string>? render) : WriteItem<Reply>
{
    public Ask Ask => ask;
    public string AgentId => agentId;
    public string KeyId => keyId;
    public IdempotencyClaim? Idempotency => idempotency;
    public Func<Answer, string>? Render => render;
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

    // Nobody waits for it.
    public override void Execute() { }
    protected override void Refuse(Fault fault) { }
    protected override void Break(Exception bug) { }
}
