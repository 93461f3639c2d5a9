using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Something happened to the open request while somebody looked at it or answered it.</summary>
/// <param name="Words">Who did what, as the beginning of a sentence that <paramref name="At"/> ends.</param>
/// <param name="Then">What that means for the reader.</param>
/// <param name="Over">Nothing is left to do here.</param>
public sealed record DeskNotice(string Words, DateTimeOffset? At, string Then, bool Over)
{
    /// <summary>Why an answer was not taken.</summary>
    /// <param name="fault"><c>approval.decided</c>, <c>approval.stale</c> or <c>approval.expired</c>.</param>
    /// <param name="before">What the reader answered to.</param>
    /// <param name="now">The same request as it stands.</param>
    internal static DeskNotice Refused(Fault fault, ApprovalView before, ApprovalView now)
    {
        switch (fault.Code)
        {
            case "approval.stale":
                return Changed(before, now, answered: true);
            case "approval.expired":
                return new("Nobody decided in time; the time ran out before your answer", now.ExpiresAt, "Nothing was released and your answer was not recorded. It counts as nobody's no: the agent may ask again.", true);
            default:
                if (now.Status == "cancelled") return new("The agent withdrew this before your answer arrived", now.DecidedAt, "Your answer was not recorded; nothing happens.", true);
                if (now.Votes.LastOrDefault(v => v.Counts) is not { } won) return new(fault.Message.TrimEnd('.'), now.DecidedAt, "Your answer was not recorded.", true);
                return new($"{VisibleText.Flatten(won.Name)} {Did(won)} this before your answer arrived", won.At, "Your answer was not recorded.", true);
        }
    }

    /// <summary>The request is another than the one that was on screen, and still waits.</summary>
    internal static DeskNotice Changed(ApprovalView before, ApprovalView now, bool answered)
    {
        var edited = before.Digest != now.Digest;
        var then = (answered ? "Your answer was not recorded. " : "") + (edited ? "What you see now is the new proposal, and earlier votes no longer count: look at it once more." : "It has been loaded again: look at it once more.");
        if (now.Votes.Count > before.Votes.Count && now.Votes[^1] is var vote)
            return new($"{VisibleText.Flatten(vote.Name)} {(vote.Verdict == "edit" ? "edited the arguments" : Did(vote))} while you were looking{(vote.Counts && now.Quorum > 1 ? $" ({now.Votes.Count(v => v.Counts && v.Verdict != "reject")} of {now.Quorum} said yes)" : "")}", vote.At, then, false);
        if (now.Moves.Count > before.Moves.Count && now.Moves[^1] is var move) return new($"{VisibleText.Flatten(move.Name)} {(move.To is { } to ? $"handed it on to {VisibleText.Flatten(to)}" : "escalated it")} while you were looking", move.At, then, false);
        if (edited) return new("Somebody edited the arguments while you were looking", null, then, false);
        return new(now.Escalated && !before.Escalated ? "More people are asked now, because those asked first were silent" : "This changed while you were looking", null, then, false);
    }

    private static string Did(VoteView vote) => vote.Verdict switch { "reject" => "rejected", "edit" => "edited and approved", _ => "approved" };
}
