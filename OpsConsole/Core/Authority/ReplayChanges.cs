using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Authority;

/// <summary>A decision whose answer the draft changes.</summary>
/// <param name="Sample">It is the answer without tier and gate that changes: the ask was a shadow, or these refused it.</param>
/// <param name="Person">What people did with the request, where there was one.</param>
/// <param name="Strangeness">Smaller is stranger; see <see cref="ReplayChanges.Strangeness"/>.</param>
/// <param name="Why">Then and under the draft, in words.</param>
public sealed record ReplayChange(long Seq, string Id, DateTimeOffset At, string AgentId, string Action, string? ResourceType, string? ResourceId, ReplayMove Move, int WasVersion, bool Sample, bool High, ApprovalStatus? Person, int Strangeness, string Why);

/// <summary>Keeps the strangest changes of each kind; the newest of equal ones. Its size does not grow with the record.</summary>
internal sealed class ReplayChanges(int most)
{
    private readonly Dictionary<(Outcome, Outcome, bool), PriorityQueue<ReplayChange, (int, long)>> _kept = [];

    public void Add(ReplayCase recorded, in ReplayVerdict verdict, ReplayShift shift, int strangeness)
    {
        var sample = verdict.Answer is not { Changed: true };
        var key = (shift.Was, shift.Now, sample);
        if (!_kept.TryGetValue(key, out var heap)) _kept[key] = heap = new();
        var place = (-strangeness, recorded.Seq);   // the least strange, oldest one leaves first
        if (heap.Count >= most && heap.TryPeek(out _, out var least) && place.CompareTo(least) < 0) return;
        heap.Enqueue(new ReplayChange(recorded.Seq, recorded.Id, recorded.At, recorded.AgentId, recorded.Action, recorded.ResourceType, recorded.ResourceId, new(recorded.WasRow, shift.Was, verdict.NowRow, shift.Now), recorded.MatrixVersion,
            sample, verdict.High, recorded.Person?.Status, strangeness, ReplayWords.Of(recorded, verdict, shift, sample)), place);
        if (heap.Count > most) heap.Dequeue();
    }

    /// <summary>The strangest first.</summary>
    public IReadOnlyList<ReplayChange> All() => [.. _kept.Values.SelectMany(h => h.UnorderedItems).Select(i => i.Element).OrderBy(c => c.Strangeness).ThenByDescending(c => c.Seq)];

    /// <summary>
    /// What a careful reader wants to see first: writes of high consequence that were denied and would run, what a person rejected and would run, other writes of high consequence that nobody would look at any more,
    /// then what else is loosened, then what is tightened. Of two alike, an answer comes before a shadow sample.
    /// </summary>
    public static int Strangeness(ReplayShift shift, bool high, ApprovalStatus? person, bool sample) => (sample ? 1 : 0) + 2 * ((shift.Was, shift.Now) switch
    {
        (Outcome.Deny, Outcome.Allow) => high ? 0 : 3,
        (Outcome.Pending, Outcome.Allow) => person is ApprovalStatus.Rejected ? 1 : high ? 2 : 5,
        (Outcome.Deny, Outcome.Pending) => high ? 4 : 6,
        (Outcome.Allow, Outcome.Deny) => high ? 7 : 8,
        (Outcome.Pending, Outcome.Deny) => person is ApprovalStatus.Approved or ApprovalStatus.Edited ? 9 : 10,
        _ => high ? 11 : 12,
    });
}
