namespace OpsConsole.Ui.Shared;

/// <summary>
/// How the person at this circuit reads time: now, and in which zone. The zone comes from the browser (cookie, then script); until it
/// is known everything is UTC and says so.
/// </summary>
public sealed class ReaderClock(TimeProvider time)
{
    /// <summary>The reader's zone, or null while it is unknown.</summary>
    public TimeZoneInfo? Zone { get; private set; }

    /// <summary>Raised when the zone became known or changed.</summary>
    public event Action? Changed;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Takes the IANA name the browser stated; an unknown one leaves things as they are.</summary>
    public void Use(string? zoneName)
    {
        if (string.IsNullOrEmpty(zoneName) || zoneName.Length > 64 || zoneName == Zone?.Id) return;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out var zone)) return;
        Zone = zone;
        Changed?.Invoke();
    }

    /// <summary>The moment in the reader's zone.</summary>
    public DateTimeOffset Local(DateTimeOffset at) => Zone is null ? at.ToUniversalTime() : TimeZoneInfo.ConvertTime(at, Zone);

    /// <summary>When the reader's present day began; the first moment of it where clocks are put forward at midnight.</summary>
    public DateTimeOffset Today => Start(Local(Now).Date);

    /// <summary>When the reader's next day begins.</summary>
    public DateTimeOffset Tomorrow => Start(Local(Now).Date.AddDays(1));

    /// <summary>When a day of the reader's began, or will.</summary>
    public DateTimeOffset Begins(DateOnly day) => Start(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>The moment that the reader's clocks show; where they are put back, the first of the two.</summary>
    public DateTimeOffset At(DateTime clocks) => Start(clocks);

    private DateTimeOffset Start(DateTime date)
    {
        if (Zone is null) return new DateTimeOffset(date, TimeSpan.Zero);
        while (Zone.IsInvalidTime(date)) date = date.AddMinutes(15);
        return new DateTimeOffset(date, Zone.IsAmbiguousTime(date) ? Zone.GetAmbiguousTimeOffsets(date).Max() : Zone.GetUtcOffset(date)).ToUniversalTime();
    }

    /// <summary>Clock time today, day and time within the year, else with the year: <c>14:32</c>, <c>12 Nov 14:32</c>, <c>12 Nov 2025 14:32</c>.
    /// Ends in <c>UTC</c> while the zone is unknown.</summary>
    /// <param name="day">The day is said today as well.</param>
    public string Short(DateTimeOffset at, bool seconds = false, bool day = false)
    {
        DateTimeOffset local = Local(at), today = Local(Now);
        var clock = seconds ? "HH:mm:ss" : "HH:mm";
        var format = local.Date == today.Date && !day ? clock : local.Year == today.Year ? $"d MMM {clock}" : $"d MMM yyyy {clock}";
        return local.ToString(format, System.Globalization.CultureInfo.InvariantCulture) + (Zone is null ? " UTC" : "");
    }

    /// <summary>Both exact readings: <c>Fri 21 Nov 2025 14:32:07 (UTC+01:00) · 13:32:07 UTC</c>.</summary>
    public string Exact(DateTimeOffset at)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var utc = at.ToUniversalTime();
        if (Zone is null) return utc.ToString("ddd d MMM yyyy HH:mm:ss 'UTC'", culture);
        var local = Local(at);
        var sameDay = local.Date == utc.Date;
        return $"{local.ToString("ddd d MMM yyyy HH:mm:ss", culture)} ({Offset(local.Offset)}) · {utc.ToString(sameDay ? "HH:mm:ss" : "ddd d MMM HH:mm:ss", culture)} UTC";
    }

    private static string Offset(TimeSpan offset) => offset == TimeSpan.Zero ? "UTC" : $"UTC{(offset < TimeSpan.Zero ? "−" : "+")}{offset:hh\\:mm}";
}
