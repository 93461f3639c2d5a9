using System.Security.Cryptography;

namespace OpsConsole.Core.Approvals;

public sealed class OversightTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Votes_DifferOrSecondLookDisagrees_IsDisagreement()
    {
        Vote[] yesThenNo = [new("dana", Verdict.Approve, null, null, Noon.AddMinutes(1), 0, false, Looked: TimeSpan.FromSeconds(9)), new("lee", Verdict.Reject, "no", null, Noon.AddMinutes(3), 0, false)];
        Assert.Equal([("dana", true, TimeSpan.FromMinutes(1)), ("lee", true, TimeSpan.FromMinutes(3))], Of(yesThenNo).Select(v => (v.PersonId, v.Disagreed, v.Took)));

        // Whoever said yes and then yes to an edit of their own has one last word.
        Vote[] edited = [new("dana", Verdict.Approve, null, null, Noon, 0, false), new("lee", Verdict.Edit, null, null, Noon, 1, false), new("dana", Verdict.Approve, null, null, Noon, 1, false)];
        Assert.Equal([("dana", true), ("lee", true)], Of(edited).Select(v => (v.PersonId, v.Disagreed)));

        Vote[] alone = [new("dana", Verdict.Approve, null, null, Noon, 0, false)];
        Assert.Equal((false, false), Of(alone).Select(v => (v.Shared, v.Disagreed)).Single());
        var look = new SecondLook(7, "rol", Noon);
        Assert.Equal((false, false), Of(alone, look).Select(v => (v.Shared, v.Disagreed)).Single());   // nobody has looked yet
        look.Answer("lee", false, "too much", Noon);
        Assert.Equal((true, true), Of(alone, look).Select(v => (v.Shared, v.Disagreed)).Single());
    }

    [Theory]
    [InlineData(20, 20, 2, true)]
    [InlineData(19, 19, 2, false)]      // too few to say anything
    [InlineData(20, 18, 2, false)]      // now and then a no
    [InlineData(20, 20, 5, false)]      // takes the time it needs
    public void Hasty_AllOfItAtOnce(int decided, int yes, double seconds, bool hasty)
    {
        var votes = Enumerable.Range(0, decided).Select(i => new SpokenVote("a" + i, "note.add", "dana", "rol", i < yes ? Verdict.Approve : Verdict.Reject, Noon, TimeSpan.FromMinutes(i), TimeSpan.FromSeconds(seconds), false, false)).ToList();
        var figures = Oversight.Figures("dana", "rol", votes);
        Assert.Equal(hasty, figures.Hasty(new HasteLimits()));
        var byApi = Oversight.Figures("dana", "rol", [.. votes.Select(v => v with { Looked = null })]);
        Assert.Equal((false, decided, null), (byApi.Hasty(new HasteLimits()), byApi.ByApi, byApi.MedianLooked));
    }

    [Fact]
    public void Figures_Percentiles_AreOfWhatIsThere()
    {
        var figures = Oversight.Figures("dana", "rol", [.. Enumerable.Range(1, 10).Select(i => new SpokenVote("a" + i, "note.add", "dana", "rol", Verdict.Approve, Noon, TimeSpan.FromMinutes(11 - i), i > 7 ? TimeSpan.FromSeconds(i) : null, i > 5, i > 9))]);
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(9), 7, 5, 1), (figures.MedianTook, figures.P90Took, figures.MedianLooked, figures.ByApi, figures.Shared, figures.Disagreed));
        Assert.Null(Oversight.Figures("dana", "rol", []).P90Took);
    }

    [Fact]
    public void Sampled_IsTheShareOfAllAndTheSameForTheSame()
    {
        var digests = Enumerable.Range(0, 4_000).Select(i => SHA256.HashData(BitConverter.GetBytes(i))).ToList();
        Assert.InRange(digests.Count(d => Oversight.Sampled(d, 0.05)), 150, 250);
        Assert.All(digests.Take(100), d => Assert.True(Oversight.Sampled(d, 1) && !Oversight.Sampled(d, 0)));
        Assert.All(digests.Where(d => Oversight.Sampled(d, 0.05)), d => Assert.True(Oversight.Sampled(d, 0.2)));
    }

    private static IEnumerable<SpokenVote> Of(IReadOnlyList<Vote> votes, SecondLook? look = null) => Oversight.Votes("apr_1", "note.add", "rol", Noon, votes, look);
}
