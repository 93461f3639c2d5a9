using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Authority;

/// <summary>What a replay found.</summary>
/// <param name="Read">Decisions looked at: compared and not.</param>
/// <param name="Skipped">How many were not compared, by reason; only reasons that occurred.</param>
/// <param name="Answers">Of live asks.</param>
/// <param name="Samples">Answers without tier and gate: of shadow asks, and of live ones that only tier or gate refused (those are among <paramref name="Answers"/> too).</param>
/// <param name="Waited">How long agents waited for a person where nobody would be asked any more; of the <paramref name="Known"/> requests that a person decided.</param>
/// <param name="Strangest">Of each kind of change at most <see cref="Replay.Most"/>, the strangest first over all.</param>
public sealed record ReplayResult(long Read, IReadOnlyDictionary<ReplaySkip, long> Skipped, ReplayTotals Answers, ReplayTotals Samples, TimeSpan Waited, long Known, IReadOnlyList<ReplayChange> Strangest);

/// <summary>
/// A draft against recorded decisions, one by one: what it would have answered, and what changes. Memory does not grow with their number. Pure; not for several threads at once.
/// </summary>
public sealed class Replay(ReplayJudge judge)
{
    /// <summary>How many changed decisions of each kind are kept.</summary>
    public const int Most = 200;

    private readonly ReplayTally _answers = new(), _samples = new();
    private readonly ReplayChanges _changes = new(Most);
    private readonly Dictionary<ReplaySkip, long> _skipped = [];
    private TimeSpan _waited;
    private long _known;

    public long Read { get; private set; }

    public void Add(ReplayCase recorded)
    {
        Read++;
        var verdict = judge.Judge(recorded);
        if (verdict.Skip != ReplaySkip.None)
        {
            _skipped[verdict.Skip] = _skipped.GetValueOrDefault(verdict.Skip) + 1;
            return;
        }
        if (verdict.Answer is { } answer)
        {
            _answers.Add(answer, recorded, verdict.NowRow, Strange(answer, sample: false));
            if (answer is { Was: Outcome.Pending, Now: Outcome.Allow } && recorded.Person is { Status: ApprovalStatus.Approved or ApprovalStatus.Edited or ApprovalStatus.Rejected, Took: { } took }) (_waited, _known) = (_waited + took, _known + 1);
        }
        if (verdict.Sample is { } sample) _samples.Add(sample, recorded, verdict.NowRow, Strange(sample, sample: true));
        if (verdict.Change is { } change) _changes.Add(recorded, verdict, change, Strange(change, sample: verdict.Answer is not { Changed: true }));

        int Strange(ReplayShift shift, bool sample) => ReplayChanges.Strangeness(shift, verdict.High, recorded.Person?.Status, sample);
    }

    public ReplayResult Result() => new(Read, new Dictionary<ReplaySkip, long>(_skipped), _answers.Totals(), _samples.Totals(), _waited, _known, _changes.All());
}
