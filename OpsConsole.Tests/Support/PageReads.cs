using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace OpsConsole.Tests.Support;

/// <summary>Counts how often the matrix page of one rollout was read out of the database.</summary>
internal sealed class PageReads : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string _rollout;
    private readonly List<IDisposable> _subscriptions = [];
    private int _count;

    public PageReads(string rollout)
    {
        _rollout = rollout;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    public int Count => Volatile.Read(ref _count);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory) _subscriptions.Add(value.Subscribe(this, name => name == RelationalEventId.CommandExecuting.Name));
    }

    // Only the page asks for the versions of a rollout, and that once.
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandEventData { Command: var command } && command.CommandText.Contains("proposed_by", StringComparison.Ordinal) && command.CommandText.Contains("LIMIT", StringComparison.Ordinal)
            && command.Parameters.Cast<DbParameter>().Any(p => p.Value as string == _rollout)) Interlocked.Increment(ref _count);
    }

    public void OnCompleted() { }
    public void OnError(Exception error) { }
    public void Dispose() => _subscriptions.ForEach(s => s.Dispose());

    private const string DbLoggerCategory = "Microsoft.EntityFrameworkCore";
}
