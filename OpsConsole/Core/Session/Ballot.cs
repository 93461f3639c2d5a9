using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Session;

/// <summary>
/// An anonymous vote of confidence, 1 (not at all) to 5 (fully), in one 'done when'. Until it is revealed only the number of votes is known to anybody; when it is, the counts are kept
/// and who gave which is forgotten. Immutable.
/// </summary>
/// <param name="Votes">By person; empty once it is revealed.</param>
/// <param name="Counts">How many gave 1, 2, 3, 4 and 5; null until it is revealed.</param>
public sealed record Ballot(IReadOnlyDictionary<string, int> Votes, IReadOnlyList<int>? Counts)
{
    public static readonly Ballot Open = new(new Dictionary<string, int>(), null);

    public int Cast => Counts?.Sum() ?? Votes.Count;
    public bool Revealed => Counts is not null;

    /// <summary>Votes, or changes a vote. Faults: <c>vote.range</c>, <c>vote.revealed</c>.</summary>
    public Result<Ballot> Vote(string person, int confidence)
    {
        if (confidence is < 1 or > 5) return Fault.Invalid("vote.range", "A vote is 1, 2, 3, 4 or 5.", "confidence");
        if (Revealed) return Fault.Conflict("vote.revealed", "This vote was revealed. Ask the facilitator for another round.");
        return this with { Votes = new Dictionary<string, int>(Votes) { [person] = confidence } };
    }

    /// <summary>Faults: <c>vote.too_few</c>: with fewer than three votes, everybody could tell who gave which.</summary>
    public Result<Ballot> Reveal()
    {
        if (Revealed) return this;
        if (Votes.Count < 3) return Fault.Refused("vote.too_few", $"There {(Votes.Count == 1 ? "is 1 vote" : $"are {Votes.Count} votes")}. With fewer than 3 everybody could tell whose is whose.");
        return new Ballot(new Dictionary<string, int>(), [.. Enumerable.Range(1, 5).Select(n => Votes.Values.Count(v => v == n))]);
    }
}
