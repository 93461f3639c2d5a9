using System.Globalization;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Approvals;

/// <summary><c>OpsConsole:Approvals:…</c>: how long a claim lasts, and when the people asked are reminded.</summary>
internal sealed class ApprovalOptions
{
    public const string Section = "OpsConsole:Approvals";
    private const int MostReminders = 10;
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromHours(8);

    /// <summary>How long a request stays claimed by somebody who does nothing: an ISO 8601 duration.</summary>
    public string ClaimFor { get; set; } = "PT5M";

    /// <summary>After how many percent of the time to answer the people asked are reminded; none given: <see cref="Core.Approvals.Reminders.Usual"/>; a single 0: never.</summary>
    public IList<int> Reminders { get; set; } = [];

    public TimeSpan ClaimTime => IsoDuration.TryParse(ClaimFor, out var time) ? time : TimeSpan.FromMinutes(5);

    public IReadOnlyList<int> RemindAfter => Reminders.Count == 0 ? Core.Approvals.Reminders.Usual : [.. Reminders.Where(p => p > 0)];

    /// <summary>All that is wrong with these settings, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var claim = configuration[Section + ":" + nameof(ClaimFor)];
        if (!string.IsNullOrEmpty(claim) && !(IsoDuration.TryParse(claim, out var time) && time >= Shortest && time <= Longest)) yield return $"{Section}:{nameof(ClaimFor)} is '{claim}'; it must be an ISO 8601 duration from PT1M to PT8H, such as PT5M.";
        var reminders = configuration.GetSection(Section + ":" + nameof(Reminders)).GetChildren().ToList();
        foreach (var percent in reminders)
        {
            if (!int.TryParse(percent.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 99 || (number == 0 && reminders.Count > 1)) yield return $"{percent.Path} is '{percent.Value}'; it must be a whole percentage from 1 to 99, or a single 0 for no reminders.";
        }
        if (reminders.Count > MostReminders) yield return $"{Section}:{nameof(Reminders)} has {reminders.Count} entries; at most {MostReminders} are possible.";
    }

    public static ApprovalOptions From(IConfiguration configuration) => configuration.GetSection(Section).Get<ApprovalOptions>() ?? new ApprovalOptions();
}
