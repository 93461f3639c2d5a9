using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace OpsConsole.Bench;

/// <summary>Which types are allocated most, sampled by the runtime every 100 KB.</summary>
internal sealed class AllocationSampler : EventListener
{
    private readonly ConcurrentDictionary<string, int> _types = new();
    private bool _on;

    public void Start() => _on = true;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, (EventKeywords)1);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (!_on || eventData.EventName is not { } name || !name.StartsWith("GCAllocationTick", StringComparison.Ordinal)) return;
        _types.AddOrUpdate((string)eventData.Payload![5]!, 1, (_, n) => n + 1);
    }

    public void Print()
    {
        _on = false;
        var total = _types.Values.Sum();
        foreach (var (type, n) in _types.OrderByDescending(t => t.Value).Take(60)) Console.WriteLine($"{100.0 * n / total,6:0.0}%  {type}");
    }
}
