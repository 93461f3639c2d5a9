using System.Globalization;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;

namespace OpsConsole.Features.Approvals;

/// <summary>The order of what waits.</summary>
public enum QueueSort
{
    /// <summary>Soonest due first.</summary>
    Due,
    /// <summary>High consequence first, each soonest due first.</summary>
    Consequence,
    /// <summary>The largest amount first (<see cref="RequestAmount"/>); what has none comes last, soonest due first.</summary>
    Amount,
}

/// <summary>Which part of what waits, in which order.</summary>
/// <param name="MineOnly">Only what the reader is asked to decide.</param>
/// <param name="Search">Words that must all stand in the action, the resource's id, the agent's name, the rule's id or its note, or the request's id.</param>
public sealed record QueueFilter(string? RolloutId = null, bool MineOnly = false, bool HighOnly = false, string? AgentId = null, string? Action = null, string? Rule = null, TimeSpan? DueWithin = null, string? Search = null, QueueSort Sort = QueueSort.Due)
{
    /// <summary>How many walks over an index, one after the other, give the order.</summary>
    internal int Parts => Sort == QueueSort.Amount || (Sort == QueueSort.Consequence && !HighOnly) ? 2 : 1;

    /// <summary>Soonest due first, of everything: no other index gives its order, or narrows it.</summary>
    internal bool OnlyBySoonest => Sort == QueueSort.Due && !HighOnly && AgentId is null && Action is null && Rule is null;
}

/// <summary>A place in the queue, in the order of its sort. It stays valid when the row that stood there is gone.</summary>
/// <param name="Part">0, or 1 in the second half of an order that has two: low consequence, no amount.</param>
/// <param name="Amount">0 where the order does not ask for it.</param>
public readonly record struct QueuePlace(DateTimeOffset ExpiresAt, long Seq, int Part = 0, double Amount = 0)
{
    public static QueuePlace Of(QueueRow row, QueueSort sort = QueueSort.Due) => Of(sort, row.HighConsequence, row.Amount, row.ExpiresAt, Ids.TrySeq(row.Id, "apr", out var seq) ? seq : 0);

    internal static QueuePlace Of(ApprovalRequest a, QueueSort sort) => Of(sort, a.HighConsequence, a.Amount, a.ExpiresAt, a.Seq);

    private static QueuePlace Of(QueueSort sort, bool high, double? amount, DateTimeOffset expires, long seq) => sort switch
    {
        QueueSort.Consequence => new(expires, seq, high ? 0 : 1),
        QueueSort.Amount => new(expires, seq, amount is null ? 1 : 0, amount ?? 0),
        _ => new(expires, seq),
    };

    public bool IsBehind(QueuePlace other) => Order(this, other) > 0;

    internal static int Order(QueuePlace one, QueuePlace other)
    {
        if (one.Part != other.Part) return one.Part.CompareTo(other.Part);
        if (one.Amount != other.Amount) return other.Amount.CompareTo(one.Amount);   // the largest first
        return one.ExpiresAt != other.ExpiresAt ? one.ExpiresAt.CompareTo(other.ExpiresAt) : one.Seq.CompareTo(other.Seq);
    }

    /// <summary>For <c>next</c> of the API: letters, digits and signs that an address takes as they are.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Part}_{BitConverter.DoubleToInt64Bits(Amount):x}_{ExpiresAt.UtcTicks:x}_{Seq:x}");

    public static bool TryParse(string text, out QueuePlace place)
    {
        place = default;
        var parts = text.Split('_');
        if (parts.Length != 4 || parts[0] is not ("0" or "1") || !Hex(parts[1], out var amount) || !Hex(parts[2], out var ticks) || !Hex(parts[3], out var seq) || ticks is < 0 or > 3_155_378_975_999_999_999) return false;
        if (!double.IsFinite(BitConverter.Int64BitsToDouble(amount))) return false;
        place = new(new DateTimeOffset(ticks, TimeSpan.Zero), seq, parts[0] == "0" ? 0 : 1, BitConverter.Int64BitsToDouble(amount));
        return true;

        static bool Hex(string digits, out long value) => long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>The words of a filter, which no index knows. Looked for row by row, so the reader stops after a bounded number of them and says so.</summary>
internal sealed class QueueSearch(QueueFilter filter, ConsoleState state)
{
    private readonly string[] _words = filter.Search?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    private readonly Dictionary<(string Rollout, string Rule), string?> _notes = [];

    public bool Fits(ApprovalRequest request, AgentAuthority agent)
    {
        foreach (var word in _words)
        {
            if (!Has(request.Action, word) && !Has(request.ResourceId, word) && !Has(agent.Name, word) && !Has(request.Terms.RuleId, word) && !Has(Note(request), word) && !Has(request.Id, word)) return false;
        }
        return true;
    }

    /// <summary>What the rule in force says about itself; the one the request was raised under may have said it otherwise.</summary>
    private string? Note(ApprovalRequest request)
    {
        if (request.Terms.RuleId is not { } id) return null;
        if (!_notes.TryGetValue((request.RolloutId, id), out var note))
            _notes[(request.RolloutId, id)] = note = state.Rollouts.TryGetValue(request.RolloutId, out var rollout) ? rollout.Policy?.Document.Rules.FirstOrDefault(r => r.Id == id)?.Note : null;
        return note;
    }

    private static bool Has(string? text, string word) => text is not null && text.Contains(word, StringComparison.OrdinalIgnoreCase);
}
