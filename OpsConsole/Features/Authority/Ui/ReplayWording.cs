using System.Globalization;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Counts of a replay in words.</summary>
internal static class ReplayWording
{
    /// <summary>'Of 12,403 answers 31 change: 22 approvals saved, 6 added, 3 now denied.'</summary>
    public static string Headline(ReplayReport report)
    {
        var c = report.Answers;
        if (c.Compared == 0) return report.Samples.Compared == 0 ? "Nothing of this period can be compared." : $"No live answer to compare. {Samples(report.Samples)}";
        var answers = c.Changed == 0 ? $"Of {Counted.Of(c.Compared, "answer")} none changes." : $"Of {Counted.Of(c.Compared, "answer")} {Number(c.Changed)} {(c.Changed == 1 ? "changes" : "change")}: {Kinds(c)}.";
        return report.Samples.Compared == 0 ? answers : $"{answers} {Samples(report.Samples)}";
    }

    private static string Samples(ReplayCounts c) => $"Without tier and gate, {(c.Changed == 0 ? "none" : Number(c.Changed))} of {Counted.Of(c.Compared, "sample")} would change.";

    private static string Kinds(ReplayCounts c)
    {
        List<string> kinds = [];
        if (c.NowAllowed > 0) kinds.Add($"{Number(c.NowAllowed)} denied before and now running alone");
        if (c.Saved > 0) kinds.Add($"{Counted.Of(c.Saved, "approval")} saved");
        if (c.Added > 0) kinds.Add($"{Counted.Of(c.Added, "approval")} added");
        if (c.NowDenied > 0) kinds.Add($"{Number(c.NowDenied)} now denied");
        return string.Join(", ", kinds);
    }

    public static string Change(Outcome was, Outcome now) => $"{Verdict(was)} before, {Verdict(now)} in the draft";
    public static string Verdict(Outcome outcome) => outcome switch { Outcome.Allow => "allowed", Outcome.Pending => "a person asked", _ => "denied" };
    public static string Row(string row) => row switch { "boundary" => "a boundary", "default" => "the default", _ => VisibleText.Flatten(row) };
    public static string Status(ReplayStatus status) => status switch { ReplayStatus.Running => "running", ReplayStatus.Done => "done", ReplayStatus.Cancelled => "cancelled", _ => "broke off" };
    public static string Word(Outcome outcome) => outcome.ToString().ToLowerInvariant();
    public static Outcome? Parse(string? word) => word switch { "allow" => Outcome.Allow, "pending" => Outcome.Pending, "deny" => Outcome.Deny, _ => null };
    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
