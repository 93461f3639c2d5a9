using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;
using Outcome = OpsConsole.Core.Decisions.Outcome;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class ShadowAgreementTests
{
    private static readonly Gen<ShadowCount> AnyCount =
        from agent in Gen.Elements("a", "b")
        from action in Gen.Elements("order.get", "refund.create", "mail.send", "note.add", "x.y")
        from would in Gen.Elements(Outcome.Allow, Outcome.Allow, Outcome.Pending, Outcome.Deny)
        from did in Gen.Elements(Enum.GetValues<HumanDid>())
        from other in Gen.Elements("mail.send", "note.add", "call.back", "x.z").Where(o => o != action)
        from person in Gen.Elements(true, false)
        from n in Gen.Choose(1, 40)
        select new ShadowCount(agent, action, would, did, did == HumanDid.Different ? other : null, person, n);

    private static readonly Arbitrary<ShadowCount[]> Any = Gen.ArrayOf(AnyCount).ToArbitrary();

    private static ShadowCount Count(string action, HumanDid did, long n, Outcome would = Outcome.Allow, string? other = null) => new("a", action, would, did, other, true, n);

    [Fact]
    public void Kappa_OfNumbersMd_OutOfSamples()
    {
        // [[20,20],[10,50]]: one action that the matrix allows, the same one that it denies; people did it, or nothing.
        var figures = ShadowFigures.Of([Count("note.add", HumanDid.Same, 20), Count("note.add", HumanDid.Nothing, 20), Count("note.add", HumanDid.Same, 10, Outcome.Deny), Count("note.add", HumanDid.Nothing, 50, Outcome.Deny)]);
        Assert.Equal((100, 1), (figures.Agreement.N, figures.Actions));
        Assert.Equal(0.3478, figures.Agreement.Kappa!.Value, 4);
        // [[75,1,4],[5,4,1],[0,0,10]] over three actions.
        string[] names = ["a.one", "b.two", "c.three"];
        long[][] matrix = [[75, 1, 4], [5, 4, 1], [0, 0, 10]];
        var agreement = ShadowAgreement.Of(names.SelectMany((row, i) => names.Select((column, j) => Count(row, i == j ? HumanDid.Same : HumanDid.Different, matrix[i][j], i % 2 == 0 ? Outcome.Allow : Outcome.Pending, i == j ? null : column))));
        Assert.Equal((0.6765, 0.89, 0.66), (Math.Round(agreement.Kappa!.Value, 4), Math.Round(agreement.Observed!.Value, 4), Math.Round(agreement.Expected!.Value, 4)));
    }

    [Fact]
    public void Agrees_OnlyWhereBothSayTheSame()
    {
        Assert.True(ShadowAgreement.Agrees("a.b", Outcome.Allow, HumanDid.Same, null));
        Assert.True(ShadowAgreement.Agrees("a.b", Outcome.Pending, HumanDid.Same, null));       // people would have seen just that
        Assert.True(ShadowAgreement.Agrees("a.b", Outcome.Deny, HumanDid.Nothing, null));       // the matrix keeps it from happening, as people did
        Assert.False(ShadowAgreement.Agrees("a.b", Outcome.Deny, HumanDid.Same, null));         // the matrix keeps people's own work from the agent
        Assert.False(ShadowAgreement.Agrees("a.b", Outcome.Allow, HumanDid.Nothing, null));
        foreach (var would in (Outcome[])[Outcome.Allow, Outcome.Pending, Outcome.Deny])
        {
            Assert.False(ShadowAgreement.Agrees("a.b", would, HumanDid.Edited, null));
            Assert.False(ShadowAgreement.Agrees("a.b", would, HumanDid.Different, "c.d"));
        }
    }

    [Fact]
    public void OneActionOnly_ProvesNothingBeyondChance()
    {
        Assert.Null(ShadowAgreement.Of([Count("note.add", HumanDid.Same, 40)]).Kappa);   // pe = 1: undefined
        Assert.Equal(0, ShadowAgreement.Of([Count("note.add", HumanDid.Same, 39), Count("note.add", HumanDid.Edited, 1)]).Kappa);
        Assert.Equal("kappa is undefined over 40 samples, because all of them have one and the same answer", new ShadowThresholds(Actions: 1).Lacking(ShadowFigures.Of([Count("note.add", HumanDid.Same, 40)])));
    }

    [Fact]
    public void Table_NamesTheMostFrequent_TheRestIsOne_WhoseOwnCellAgrees()
    {
        ShadowCount[] samples = [Count("a.a", HumanDid.Same, 9), Count("b.b", HumanDid.Same, 3), Count("c.c", HumanDid.Different, 2, other: "d.d"), Count("a.a", HumanDid.Edited, 4), Count("a.a", HumanDid.Nothing, 1, Outcome.Deny)];
        var (answers, counts) = ShadowAgreement.Table(samples, 1);
        Assert.Equal(["a.a", ShadowAgreement.Others, ShadowAgreement.Otherwise, ShadowAgreement.Nothing], answers);
        Assert.Equal([9, 0, 4, 0], counts[0]);
        Assert.Equal([0, 3, 2, 0], counts[1]);   // c.c and d.d are both others, and not the same
        Assert.Equal([0, 0, 0, 1], counts[3]);
    }

    [Fact]
    public void Figures_AnySamples_AreThoseOfTheWholeMatrix_InAnyOrder() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Any, samples =>
    {
        var folded = ShadowAgreement.Of(samples);
        string[] answers = [.. samples.SelectMany(s => (string[])[ShadowAgreement.Proposed(s.Action, s.WouldBe), ShadowAgreement.Done(s.Action, s.Did, s.HumanAction)]).Distinct().Order(StringComparer.Ordinal)];
        if (answers.Length == 0) return folded.N == 0 && folded.Kappa is null;
        var matrix = answers.Select(a => answers.Select(b => samples.Where(s => ShadowAgreement.Proposed(s.Action, s.WouldBe) == a && ShadowAgreement.Done(s.Action, s.Did, s.HumanAction) == b).Sum(s => s.Count)).ToArray()).ToArray();
        var whole = Agreement.Of(matrix);
        var turned = ShadowAgreement.Of(samples.Reverse());
        var agreed = samples.Where(s => ShadowAgreement.Agrees(s.Action, s.WouldBe, s.Did, s.HumanAction)).Sum(s => s.Count);
        return (folded.N, folded.Observed, folded.Expected, folded.Kappa, folded.StandardError, folded.Interval) == (whole.N, whole.Observed, whole.Expected, whole.Kappa, whole.StandardError, whole.Interval)
            && (folded.N, folded.Kappa) == (turned.N, turned.Kappa) && Math.Abs(folded.Observed!.Value - (double)agreed / folded.N) < 1e-12;
    }));

    [Fact]
    public void Table_AnySamples_HasThemAll_AndItsDiagonalIsWhatAgrees() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Any, Gen.Choose(1, 8).ToArbitrary(), (samples, most) =>
    {
        var (answers, counts) = ShadowAgreement.Table(samples, most);
        return counts.Count == answers.Count && counts.Sum(r => r.Sum()) == samples.Sum(s => s.Count)
            && Enumerable.Range(0, answers.Count).Sum(i => counts[i][i]) == samples.Where(s => ShadowAgreement.Agrees(s.Action, s.WouldBe, s.Did, s.HumanAction)).Sum(s => s.Count);
    }));

    [Fact]
    public void Thresholds_SayWhatIsLacking_AndNonsenseIsTheDefault()
    {
        Assert.Equal(new ShadowThresholds(0.6, 30, 3), ShadowThresholds.Of(new Dictionary<string, double> { ["shadow_kappa"] = 3, ["shadow_n"] = 0, ["shadow_actions"] = double.NaN }));
        var needs = ShadowThresholds.Of(new Dictionary<string, double> { ["shadow_kappa"] = 0.4, ["shadow_n"] = 10, ["shadow_actions"] = 2 });
        Assert.Equal("9 of 10 samples recorded by people", needs.Lacking(ShadowFigures.Of([Count("a.a", HumanDid.Same, 9)])));
        Assert.Equal("1 of 2 different actions among 12 samples", needs.Lacking(ShadowFigures.Of([Count("a.a", HumanDid.Same, 12)])));
        Assert.Equal("kappa 0.00 over 12 samples is below 0.4", needs.Lacking(ShadowFigures.Of([Count("a.a", HumanDid.Edited, 6), Count("b.b", HumanDid.Nothing, 6)])));
        Assert.Null(needs.Lacking(ShadowFigures.Of([Count("a.a", HumanDid.Same, 6), Count("b.b", HumanDid.Same, 6)])));
    }

    [Theory]
    [InlineData(HumanDid.Same, null, null, null)]
    [InlineData(HumanDid.Same, "a.b", null, null)]
    [InlineData(HumanDid.Same, null, "{}", "arguments")]
    [InlineData(HumanDid.Same, "c.d", null, "action")]
    [InlineData(HumanDid.Edited, null, null, null)]
    [InlineData(HumanDid.Edited, null, """{"n":2}""", null)]
    [InlineData(HumanDid.Edited, null, """{"n":1}""", "arguments")]
    [InlineData(HumanDid.Different, null, null, "action")]
    [InlineData(HumanDid.Different, "a.b", null, "action")]
    [InlineData(HumanDid.Different, "c.d", "{}", null)]
    [InlineData(HumanDid.Nothing, "c.d", null, "action")]
    [InlineData(HumanDid.Nothing, null, null, null)]
    public void Said_IsRefused_WhereItContradictsItself(HumanDid did, string? action, string? arguments, string? field)
        => Assert.Equal(field, new HumanSaid(did, action, arguments, null).Check("a.b", """{"n":1}""")?.Field);
}
