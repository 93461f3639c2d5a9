using System.Globalization;

namespace OpsConsole.Core.Caps;

/// <summary>What a cap counts: micro-dollars, tokens, or decisions given.</summary>
public enum CapUnit { Usd, Tokens, Decisions }

/// <summary>Over what: one run, or a clock minute, hour or day (days in the rollout's zone).</summary>
public enum CapSpan { Run, Minute, Hour, Day }

/// <summary>At most <paramref name="Limit"/> of <paramref name="Unit"/> per <paramref name="Span"/>; reaching it pauses the agent only where <paramref name="Pause"/> says so.</summary>
public sealed record CapLimit(CapUnit Unit, CapSpan Span, long Limit, bool Pause)
{
    /// <summary>The code of the refusal: <c>cap.usd.day</c>.</summary>
    public string Code => $"cap.{Unit.ToString().ToLowerInvariant()}.{Span.ToString().ToLowerInvariant()}";

    public string Words => Unit switch
    {
        CapUnit.Usd => $"{Shared.Money.ToWire(Limit)} USD per {Span.ToString().ToLowerInvariant()}",
        CapUnit.Tokens => $"{Limit} tokens per {Span.ToString().ToLowerInvariant()}",
        _ => $"{Limit} decisions per {Span.ToString().ToLowerInvariant()}",
    };
}

/// <summary>The caps of one agent. Without settings: no limits, and the loop rule of 20 identical calls in a minute.</summary>
/// <param name="SameCall">So many identical calls within <paramref name="SameCallWindow"/> are let through; the next is a loop.</param>
/// <param name="ReserveUsd">Reserved for an ask that states no cost, micro-dollars.</param>
/// <param name="Since">Since when the limits hold.</param>
public sealed record CapSpec(IReadOnlyList<CapLimit> Limits, int SameCall, TimeSpan SameCallWindow, long ReserveUsd, long ReserveTokens, DateTimeOffset Since)
{
    public static readonly CapSpec None = new([], 20, TimeSpan.FromMinutes(1), 0, 0, DateTimeOffset.MinValue);
}

/// <summary>One counter: an agent's use of a unit in one window, by the key under which it is stored.</summary>
public readonly record struct CapWindow(string AgentId, CapUnit Unit, string Key)
{
    /// <summary>The window that a moment falls into. Null for a run cap where the ask names no run: then nothing is counted per run.</summary>
    public static CapWindow? At(string agentId, CapLimit limit, string? runId, DateTimeOffset at, TimeZoneInfo zone) => limit.Span switch
    {
        CapSpan.Run => runId is null ? null : new CapWindow(agentId, limit.Unit, "run:" + runId),
        _ => new CapWindow(agentId, limit.Unit, Clock(limit.Span, at, zone)),
    };

    private sealed record Stamp(long Minute, TimeZoneInfo Zone, string Key);
    private static readonly Stamp?[] Latest = new Stamp?[4];

    // All decisions of one minute fall into the same windows: the last key of each span is kept, because writing times is not cheap.
    private static string Clock(CapSpan span, DateTimeOffset at, TimeZoneInfo zone)
    {
        var minute = at.UtcTicks / TimeSpan.TicksPerMinute;
        if (Volatile.Read(ref Latest[(int)span]) is { } known && known.Minute == minute && ReferenceEquals(known.Zone, zone)) return known.Key;
        var key = span switch
        {
            CapSpan.Minute => "minute:" + at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
            CapSpan.Hour => "hour:" + at.UtcDateTime.ToString("yyyy-MM-ddTHH", CultureInfo.InvariantCulture),
            _ => "day:" + TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        Volatile.Write(ref Latest[(int)span], new Stamp(minute, zone, key));
        return key;
    }

    /// <summary>When the window of <paramref name="span"/> around <paramref name="at"/> began; for a run, unknown.</summary>
    public static DateTimeOffset? Start(CapSpan span, DateTimeOffset at, TimeZoneInfo zone)
    {
        var utc = at.ToUniversalTime();
        switch (span)
        {
            case CapSpan.Minute: return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMinute));
            case CapSpan.Hour: return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerHour));
            case CapSpan.Day:
                var midnight = TimeZoneInfo.ConvertTime(at, zone).Date;
                while (zone.IsInvalidTime(midnight)) midnight = midnight.AddMinutes(30);   // the night the clocks go forward
                // where the clocks go back to midnight there are two of them, and the day begins with the first
                var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
                return new DateTimeOffset(midnight, offset).ToUniversalTime();
            default: return null;
        }
    }
}
