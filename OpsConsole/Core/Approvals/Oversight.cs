using System.Buffers.Binary;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Approvals;

/// <summary>When a person is told that they approve without looking.</summary>
/// <param name="Least">How many decisions it takes to say anything.</param>
/// <param name="YesShare">0 to 1: how many of them are a yes without a change.</param>
/// <param name="Seconds">The median time on the evidence is below this.</param>
public sealed record HasteLimits(int Least = 20, double YesShare = 0.95, double Seconds = 5);

/// <summary>One person's last word on one decided request.</summary>
/// <param name="Took">From the request to the word.</param>
/// <param name="Looked">How long the evidence was on screen before; null: by the API, where nobody knows.</param>
/// <param name="Shared">Somebody else had a say as well: a second vote, or a second look.</param>
/// <param name="Disagreed">And said otherwise.</param>
/// <param name="Words">Of a second look that disagreed.</param>
public sealed record SpokenVote(string ApprovalId, string Action, string PersonId, string RolloutId, Verdict Verdict, DateTimeOffset At, TimeSpan Took, TimeSpan? Looked, bool Shared, bool Disagreed, string? Words = null);

/// <summary>How one person decided in one rollout. Medians and shares of nothing are null.</summary>
public sealed record ApproverFigures(string PersonId, string RolloutId, int Decided, TimeSpan? MedianTook, TimeSpan? P90Took, int Seen, TimeSpan? MedianLooked, int Approved, int Edited, int Rejected, int Shared, int Disagreed)
{
    /// <summary>Votes without a time on the evidence.</summary>
    public int ByApi => Decided - Seen;

    /// <summary>Enough is there to tell haste from care: enough decisions, and of enough of them the time on the evidence.</summary>
    public bool Enough(HasteLimits limits) => Seen >= limits.Least;

    /// <summary>Approves everything in seconds.</summary>
    public bool Hasty(HasteLimits limits) => Enough(limits) && Approved >= limits.YesShare * Decided && MedianLooked < TimeSpan.FromSeconds(limits.Seconds);
}

/// <summary>Figures about deciding, for those who answer for it, and for each person about themselves.</summary>
public static class Oversight
{
    /// <summary>Of fewer, neither shares nor times say anything.</summary>
    public const int Few = 5;

    /// <summary>The last word of each person who voted on a decided request; words that an edit made void count as well, because they were said; those that were taken back do not.</summary>
    public static IEnumerable<SpokenVote> Votes(string approvalId, string action, string rolloutId, DateTimeOffset requestedAt, IReadOnlyList<Vote> votes, SecondLook? look)
    {
        var last = votes.Where(v => v.WithdrawnAt is null).GroupBy(v => v.PersonId).Select(g => g.Last()).ToList();
        foreach (var vote in last)
        {
            var looked = look?.Agrees is not null && vote.Verdict != Verdict.Reject;
            yield return new(approvalId, action, vote.PersonId, rolloutId, vote.Verdict, vote.At, vote.At - requestedAt, vote.Looked, last.Count > 1 || looked,
                last.Any(other => other.Verdict != vote.Verdict) || (looked && look!.Agrees == false), looked && look!.Agrees == false ? look.Words : null);
        }
    }

    public static ApproverFigures Figures(string personId, string rolloutId, IReadOnlyList<SpokenVote> votes)
    {
        List<TimeSpan> took = [.. votes.Select(v => v.Took).Order()], looked = [.. votes.Where(v => v.Looked is not null).Select(v => v.Looked!.Value).Order()];
        return new(personId, rolloutId, votes.Count, Percentiles.Of(took, 50), Percentiles.Of(took, 90), looked.Count, Percentiles.Of(looked, 50), votes.Count(v => v.Verdict == Verdict.Approve), votes.Count(v => v.Verdict == Verdict.Edit),
            votes.Count(v => v.Verdict == Verdict.Reject), votes.Count(v => v.Shared), votes.Count(v => v.Disagreed));
    }

    /// <summary>Whether an approved request is looked at once more. The same for the same digest, whoever asks and however often.</summary>
    /// <param name="share">0 to 1.</param>
    public static bool Sampled(ReadOnlySpan<byte> digest, double share) => BinaryPrimitives.ReadUInt32BigEndian(digest) < share * (uint.MaxValue + 1.0);
}
