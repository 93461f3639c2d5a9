using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Incidents;

/// <summary>
/// When what happened. The figures of numbers.md come from these: time to detect (detected − occurred), to acknowledge, to mitigate, to restore, to resolve. Each may be set later and corrected, with its history on the log;
/// they never contradict each other.
/// </summary>
/// <param name="Occurred">The impact began.</param>
/// <param name="Detected">Somebody or something noticed: the clock of the response runs from here.</param>
/// <param name="Restored">What was wrong is right again for those it touched; mitigated is not restored.</param>
public sealed record IncidentTimes(DateTimeOffset Occurred, DateTimeOffset Detected, DateTimeOffset? Acknowledged = null, DateTimeOffset? Mitigated = null, DateTimeOffset? Restored = null, DateTimeOffset? Resolved = null)
{
    public const string Order = "occurred, detected, acknowledged, mitigated, restored, resolved";

    /// <summary>In their order, by the name they have on the wire.</summary>
    public IReadOnlyList<(string Name, DateTimeOffset? At)> All => [("occurred", Occurred), ("detected", Detected), ("acknowledged", Acknowledged), ("mitigated", Mitigated), ("restored", Restored), ("resolved", Resolved)];

    /// <summary>These times with one of them set; null takes back what has not happened. Faults: <c>field.invalid</c> for an unknown name or one that every incident has, <c>incident.times</c> where it would come before an earlier one or lie ahead.</summary>
    public Result<IncidentTimes> With(string name, DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is null && name is "occurred" or "detected") return Fault.Invalid("field.invalid", $"Every incident has the time '{name}'.", name);
        IncidentTimes? changed = name switch
        {
            "occurred" => this with { Occurred = at!.Value },
            "detected" => this with { Detected = at!.Value },
            "acknowledged" => this with { Acknowledged = at },
            "mitigated" => this with { Mitigated = at },
            "restored" => this with { Restored = at },
            "resolved" => this with { Resolved = at },
            _ => null,
        };
        if (changed is null) return Fault.Invalid("field.invalid", $"A time is one of: {Order}.", name);
        return changed.Wrong(now) is { } wrong ? wrong : changed;
    }

    /// <summary>The first contradiction, or null.</summary>
    public Fault? Wrong(DateTimeOffset now)
    {
        (string Name, DateTimeOffset At)? before = null;
        foreach (var (name, at) in All)
        {
            if (at is not { } moment) continue;
            if (moment > now) return Fault.Refused("incident.times", $"'{name}' lies ahead. Give the time at which it happened.", name);
            if (before is { } earlier && moment < earlier.At) return Fault.Refused("incident.times", $"'{name}' would come before '{earlier.Name}'. The times go in this order: {Order}.", name);
            before = (name, moment);
        }
        return null;
    }

    public TimeSpan ToDetect => Detected - Occurred;
    public TimeSpan? ToAcknowledge => Acknowledged - Detected;
    public TimeSpan? ToMitigate => Mitigated - Detected;
    /// <summary>Recovery time: restored − impact began (numbers.md).</summary>
    public TimeSpan? ToRestore => Restored - Occurred;
    public TimeSpan? ToResolve => Resolved - Detected;
}
