using System.Globalization;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Approvals;

/// <summary><c>OpsConsole:Approvals:…</c>: how long a claim lasts, when the people asked are reminded, how fresh a sign-in has to be, how many are decided together, and when Oversight warns.</summary>
internal sealed class ApprovalOptions
{
    public const string Section = "OpsConsole:Approvals";
    private const int MostReminders = 10;
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1), ShortestClaim = 2 * Claims.RenewedAtMost, LongestClaim = TimeSpan.FromHours(8);

    /// <summary>How long a request stays claimed by somebody who does nothing: an ISO 8601 duration.</summary>
    public string ClaimFor { get; set; } = "PT5M";

    /// <summary>After how many percent of the time to answer the people asked are reminded; none given: <see cref="Core.Approvals.Reminders.Usual"/>; a single 0: never.</summary>
    public IList<int> Reminders { get; set; } = [];

    /// <summary>How old the last sign-in may be when somebody approves, edits or hands on high consequence, makes a token or names who stands in for them in the browser, as an ISO 8601 duration; empty: as old as it likes.</summary>
    public string? FreshSignIn { get; set; } = "PT12H";

    /// <summary>How many alike requests one answer may decide.</summary>
    public int BulkMost { get; set; } = 20;
    /// <summary>0 to 1: of which share of approved requests somebody else is asked for a second look.</summary>
    public double SecondLooks { get; set; } = 0.05;
    /// <summary>Nobody is told that they approve without looking before so many decisions.</summary>
    public int HasteLeast { get; set; } = 20;
    /// <summary>0 to 1: from this share of unchanged yeses on.</summary>
    public double HasteYes { get; set; } = 0.95;
    /// <summary>With a median time on the evidence below so many seconds.</summary>
    public double HasteSeconds { get; set; } = 5;

    public HasteLimits Haste => new(HasteLeast, HasteYes, HasteSeconds);

    public TimeSpan ClaimTime => IsoDuration.TryParse(ClaimFor, out var time) ? time : TimeSpan.FromMinutes(5);

    public IReadOnlyList<int> RemindAfter => Reminders.Count == 0 ? Core.Approvals.Reminders.Usual : [.. Reminders.Where(p => p > 0)];

    /// <summary>How old the last sign-in may be; null: not asked for.</summary>
    public TimeSpan? FreshTime => FreshSignIn is { Length: > 0 } text && IsoDuration.TryParse(text, out var length) ? length : null;

    /// <summary>All that is wrong with these settings, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var claim = configuration[Section + ":" + nameof(ClaimFor)];
        if (!string.IsNullOrEmpty(claim) && !(IsoDuration.TryParse(claim, out var time) && time >= ShortestClaim && time <= LongestClaim)) yield return $"{Section}:{nameof(ClaimFor)} is '{claim}'; it must be an ISO 8601 duration from PT2M to PT8H, such as PT5M.";
        var reminders = configuration.GetSection(Section + ":" + nameof(Reminders)).GetChildren().ToList();
        foreach (var percent in reminders)
        {
            if (!int.TryParse(percent.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 99 || (number == 0 && reminders.Count > 1)) yield return $"{percent.Path} is '{percent.Value}'; it must be a whole percentage from 1 to 99, or a single 0 for no reminders.";
        }
        if (reminders.Count > MostReminders) yield return $"{Section}:{nameof(Reminders)} has {reminders.Count} entries; at most {MostReminders} are possible.";
        var fresh = configuration[Section + ":" + nameof(FreshSignIn)];
        if (!string.IsNullOrEmpty(fresh) && !(IsoDuration.TryParse(fresh, out var age) && age >= Shortest)) yield return $"{Section}:{nameof(FreshSignIn)} is '{fresh}'; it must be an ISO 8601 duration of at least PT1M, or empty.";
        foreach (var (key, least, most) in ((string, int, int)[])[("BulkMost", 2, 100), ("HasteLeast", 1, 10_000)])
        {
            if (configuration[$"{Section}:{key}"] is { Length: > 0 } text && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)) yield return $"{Section}:{key} is '{text}'; it must be a whole number from {least} to {most}.";
        }
        foreach (var (key, most) in ((string, double)[])[("SecondLooks", 1), ("HasteYes", 1), ("HasteSeconds", 3_600)])
        {
            if (configuration[$"{Section}:{key}"] is { Length: > 0 } text && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= 0 && number <= most)) yield return string.Create(CultureInfo.InvariantCulture, $"{Section}:{key} is '{text}'; it must be a number from 0 to {most}.");
        }
    }

    public static ApprovalOptions From(IConfiguration configuration) => configuration.GetSection(Section).Get<ApprovalOptions>() ?? new ApprovalOptions();
}
