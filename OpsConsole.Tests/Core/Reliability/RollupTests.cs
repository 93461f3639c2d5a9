using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using Outcome = OpsConsole.Core.Decisions.Outcome;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class RollupTests
{
    /// <summary>A decision as its rows may say it, with the part of the time in which it was asked.</summary>
    private static readonly Gen<(CountedDecision Decision, int Part)> Any =
        from outcome in Gen.Elements(Enum.GetValues<Outcome>())
        from approval in Gen.OneOf(Gen.Constant<ApprovalStatus?>(null), Gen.Elements(Enum.GetValues<ApprovalStatus>()).Select(s => (ApprovalStatus?)s))
        from latency in Gen.OneOf(Gen.Constant<TimeSpan?>(null), Gen.Choose(0, 100_000_000).Select(ms => (TimeSpan?)TimeSpan.FromMilliseconds(ms)), Gen.Choose(0, 3).Select(s => (TimeSpan?)TimeSpan.FromSeconds(s)))
        from report in Gen.OneOf(Gen.Constant<ReportStatus?>(null), Gen.Elements(Enum.GetValues<ReportStatus>()).Select(s => (ReportStatus?)s))
        from cost in Gen.Choose(0, 1_000_000)
        from confidence in Gen.OneOf(Gen.Constant<double?>(null), Gen.Choose(0, 1_000).Select(c => (double?)(c / 1_000d)))
        from run in Gen.Choose(0, 3)
        from part in Gen.Choose(0, 4)
        select (new CountedDecision(outcome, approval, latency, report, cost, cost / 7, confidence, run > 0, run > 1), part);

    [Fact]
    public void Sum_OfParts_IsTheCountOfAllOfThem_InAnyOrder() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(0, 60).SelectMany(n => Gen.ArrayOf(Any, n)).ToArbitrary(), all =>
    {
        var whole = Counted(all.Select(d => d.Decision));
        List<RollupCounts> parts = [.. all.GroupBy(d => d.Part).Select(g => Counted(g.Select(d => d.Decision)))];
        var half = parts.Count / 2;
        return RollupCounts.Sum(parts) == whole && RollupCounts.Sum(parts.AsEnumerable().Reverse()) == whole && RollupCounts.Sum([RollupCounts.Sum(parts.Take(half)), RollupCounts.Sum(parts.Skip(half)), RollupCounts.Empty]) == whole
            && RollupCounts.Sum(parts, latency: false) == whole with { Latency = "" };
    }));

    [Fact]
    public void Counts_AnyDecisions_StayWithinOneAnother() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(0, 60).SelectMany(n => Gen.ArrayOf(Any, n)).ToArbitrary(), all =>
    {
        var c = Counted(all.Select(d => d.Decision));
        return c.Asked == all.Length && c.Allowed + c.Denied + c.Referred <= c.Asked && c.DecidedByPeople + c.Expired + c.Cancelled <= c.Referred && c.Overridden <= c.DecidedByPeople && c.ExecutedAlone <= c.Executed && c.Executed == c.Succeeded + c.Failed
            && c.RunsHanded <= c.Runs && c.ConfidenceSum <= c.ConfidenceSaid * 1_000 && c.Histogram.Count == all.Count(d => d.Decision.Latency is not null);
    }));

    private static RollupCounts Counted(IEnumerable<CountedDecision> decisions)
    {
        var tally = new RollupTally();
        foreach (var decision in decisions) tally.Add(decision);
        return tally.Counts;
    }
}
