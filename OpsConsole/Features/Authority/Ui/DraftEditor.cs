using System.Collections.Immutable;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>A text in a cell that was not understood, and why. The row keeps what stood there before.</summary>
public sealed record Unread(string Text, string Problem);

/// <summary>A row of the grid: what it says, what somebody typed that it could not take, and a key that stays when its id changes.</summary>
public sealed record GridRow<TRow, TColumn>(int Key, TRow Row, ImmutableDictionary<TColumn, Unread> Unread) where TColumn : struct, Enum;

/// <summary>A text that would be lost with the page: it was not understood, so no draft holds it.</summary>
/// <param name="Row">The id of a rule, or which boundary.</param>
public sealed record LostCell(string Row, string Column, string Text, string Problem);

/// <summary>
/// A draft while somebody works on it: cells, rows and their order, each change undoable. Knows nothing of the page or of the database.
/// </summary>
public sealed class DraftEditor
{
    private const int MostUndo = 200;
    private const string RowGone = "Somebody removed the row, or made another one of it.";

    private sealed record Sheet(DefaultOutcome Default, ImmutableList<GridRow<Boundary, BoundaryColumn>> Boundaries, ImmutableList<GridRow<MatrixRule, RuleColumn>> Rules);

    private readonly Stack<Sheet> _redo = new();
    private readonly List<Sheet> _undo = [];
    private readonly Func<string, string?> _knows;
    // Rows that somebody else changed, until the next cell of them is left: it may have been open all the while.
    private readonly HashSet<int> _overtaken = [];
    // What the rows were called that somebody else took away: a cell of them may be open still.
    private readonly Dictionary<int, string> _gone = [];
    private readonly List<LostCell> _homeless = [];
    private Sheet _now;
    private MatrixDocument? _document;
    private int _lastKey;

    /// <param name="knows">As for <see cref="RuleCells.Set(MatrixRule, RuleColumn, string, Func{string, string})"/>.</param>
    public DraftEditor(MatrixDocument document, Func<string, string?> knows)
    {
        _knows = knows;
        _now = SheetOf(document, null, _ => false, keepUnread: false);
    }

    public DefaultOutcome Default => _now.Default;
    public IReadOnlyList<GridRow<Boundary, BoundaryColumn>> Boundaries => _now.Boundaries;
    public IReadOnlyList<GridRow<MatrixRule, RuleColumn>> Rules => _now.Rules;
    /// <summary>Counts every change; the same number is the same sheet.</summary>
    public long Edits { get; private set; }
    public bool MayUndo => _undo.Count > 0;
    public bool MayRedo => _redo.Count > 0;
    /// <summary>Cells that hold a text that was not understood.</summary>
    public IReadOnlyList<LostCell> Lost =>
    [
        .. _now.Boundaries.SelectMany((b, i) => b.Unread.Select(u => new LostCell($"Boundary {i + 1}", Heading(u.Key), u.Value.Text, u.Value.Problem))),
        .. _now.Rules.SelectMany(r => r.Unread.Select(u => new LostCell(r.Row.Id, Heading(u.Key), u.Value.Text, u.Value.Problem))),
    ];

    /// <summary>Texts whose row somebody else took away; they stay until <see cref="LetGo"/>.</summary>
    public IReadOnlyList<LostCell> Homeless => _homeless;

    /// <summary>What would be lost with the page: besides <see cref="Lost"/> and <see cref="Homeless"/>, what stands in rows that name no action yet.</summary>
    public IReadOnlyList<LostCell> Unsaved =>
    [
        .. Lost, .. _homeless,
        .. _now.Boundaries.Index().Where(b => b.Item.Row.Action.Length == 0).SelectMany(b => Enum.GetValues<BoundaryColumn>().Where(c => RuleCells.Text(b.Item.Row, c).Length > 0)
            .Select(c => new LostCell($"Boundary {b.Index + 1}", Heading(c), RuleCells.Text(b.Item.Row, c), "The row names no action yet."))),
        .. _now.Rules.Where(r => r.Row.Action.Length == 0).SelectMany(r => Enum.GetValues<RuleColumn>().Where(c => RuleCells.Text(r.Row, c) != RuleCells.Text(Blank(r.Row.Id), c))
            .Select(c => new LostCell(r.Row.Id, Heading(c), RuleCells.Text(r.Row, c), "The row names no action yet."))),
    ];

    private static MatrixRule Blank(string id) => new() { Id = id, Action = "", Outcome = RuleOutcome.Approve };

    /// <summary>How many rows say nothing about any action yet; they are not part of the draft.</summary>
    public int EmptyRows => _now.Rules.Count(r => r.Row.Action.Length == 0) + _now.Boundaries.Count(b => b.Row.Action.Length == 0);

    /// <summary>What would be saved: rows as they were last understood, without those that name no action yet.</summary>
    public MatrixDocument Document => _document ??= DocumentOf(_now.Rules.Select(r => r.Row));

    private MatrixDocument DocumentOf(IEnumerable<MatrixRule> rules) =>
        new() { Default = _now.Default, Boundaries = [.. _now.Boundaries.Select(b => b.Row).Where(b => b.Action.Length > 0)], Rules = [.. rules.Where(r => r.Action.Length > 0)] };

    /// <summary>The place of a row in its own list; -1 when it is in neither.</summary>
    public int IndexOf(int key) => IndexOfRule(key) is >= 0 and var rule ? rule : IndexOfBoundary(key);

    public GridRow<MatrixRule, RuleColumn>? Rule(int key) => _now.Rules.Find(r => r.Key == key);

    /// <summary>What stands in a cell when it is opened: the text that was not understood, where there is one.</summary>
    public static string TextOf(GridRow<MatrixRule, RuleColumn> row, RuleColumn column) => row.Unread.TryGetValue(column, out var kept) ? kept.Text : RuleCells.Text(row.Row, column);

    public static string TextOf(GridRow<Boundary, BoundaryColumn> row, BoundaryColumn column) => row.Unread.TryGetValue(column, out var kept) ? kept.Text : RuleCells.Text(row.Row, column);

    /// <summary>Null, or what was not understood; then the text stays in the cell and the row says what it said.</summary>
    /// <param name="began">What stood in the cell when it was opened; where somebody else wrote there meanwhile, theirs stays and this text waits beside it. Null: nobody could have.</param>
    public string? Type(int key, RuleColumn column, string text, string? began = null)
    {
        if (Rule(key) is not { } row) return Keep(key, column, text);
        if (TextOf(row, column) == text && !row.Unread.ContainsKey(column)) return null;
        var set = _overtaken.Remove(key) && Overtaken(began, TextOf(row, column)) is { } overtaken ? overtaken : column == RuleColumn.Action && Emptied(row.Row.Action, text) is { } empty ? empty : RuleCells.Set(row.Row, column, text, _knows);
        var now = set.Fault is { } fault ? row with { Unread = row.Unread.SetItem(column, new(text, fault.Message)) } : row with { Row = set.Value, Unread = row.Unread.Remove(column) };
        Change(_now with { Rules = _now.Rules.SetItem(IndexOfRule(key), now) });
        return set.Fault?.Message;
    }

    /// <summary>As for a rule.</summary>
    public string? Type(int key, BoundaryColumn column, string text, string? began = null)
    {
        var at = IndexOfBoundary(key);
        if (at < 0) return Keep(key, column, text);
        var row = _now.Boundaries[at];
        if (TextOf(row, column) == text && !row.Unread.ContainsKey(column)) return null;
        var set = _overtaken.Remove(key) && Overtaken(began, TextOf(row, column)) is { } overtaken ? overtaken : column == BoundaryColumn.Action && Emptied(row.Row.Action, text) is { } empty ? empty : RuleCells.Set(row.Row, column, text);
        var now = set.Fault is { } fault ? row with { Unread = row.Unread.SetItem(column, new(text, fault.Message)) } : row with { Row = set.Value, Unread = row.Unread.Remove(column) };
        Change(_now with { Boundaries = _now.Boundaries.SetItem(at, now) });
        return set.Fault?.Message;
    }

    private string? Keep(int key, object column, string text)
    {
        if (text.Trim().Length == 0) return null;
        var cell = new LostCell(_gone.GetValueOrDefault(key, "A row that is gone"), Heading(column), text, RowGone);
        if (!_homeless.Contains(cell)) _homeless.Add(cell);
        return RowGone;
    }

    /// <summary>Nobody needs the texts of <see cref="Homeless"/> any more.</summary>
    public void LetGo() => _homeless.Clear();

    private static Fault? Overtaken(string? began, string now) => began is null || began == now ? null
        : Fault.Conflict("cell.overtaken", $"While you typed, somebody wrote “{(now.Length <= 80 ? now : now[..80] + "…")}” here, and the row says that. Open the cell and press Enter to put yours in its place, or Ctrl+Z to let it be.");

    // A row that loses its action would leave the draft, and with it everything that it says.
    private static Fault? Emptied(string action, string text) => action.Length > 0 && text.Trim().Length == 0 ? Fault.Invalid("cell.invalid", "A row needs an action. Ctrl+Delete removes the whole row.") : null;

    /// <summary>The draft as it would be with this text in this cell, for an analysis while somebody still types; null when it would not be understood.</summary>
    public MatrixDocument? Imagine(int key, RuleColumn column, string text)
    {
        if (Rule(key) is not { } row || RuleCells.Set(row.Row, column, text, _knows) is not { Ok: true, Value: var set }) return null;
        return DocumentOf(_now.Rules.Select(r => r.Key == key ? set : r.Row));
    }

    /// <summary>A careful new row below the one of <paramref name="after"/> (null: at the end): it asks for approval of nothing until somebody says of what.</summary>
    public int AddRule(int? after) => Insert(Blank(NextId()), after);

    public int AddBoundary(int? after)
    {
        var row = Row(new Boundary { Action = "" });
        Change(_now with { Boundaries = _now.Boundaries.Insert(after is { } key ? IndexOfBoundary(key) + 1 : _now.Boundaries.Count, row) });
        return row.Key;
    }

    /// <summary>The key of the copy, which stands below; null when there is no such row.</summary>
    public int? Duplicate(int key)
    {
        if (Rule(key) is { } rule) return Insert(rule.Row with { Id = NextId() }, key);
        if (IndexOfBoundary(key) is not (>= 0 and var at)) return null;
        var copy = Row(_now.Boundaries[at].Row);
        Change(_now with { Boundaries = _now.Boundaries.Insert(at + 1, copy) });
        return copy.Key;
    }

    public void Remove(int key)
    {
        if (IndexOfRule(key) is >= 0 and var rule) Change(_now with { Rules = _now.Rules.RemoveAt(rule) });
        else if (IndexOfBoundary(key) is >= 0 and var boundary) Change(_now with { Boundaries = _now.Boundaries.RemoveAt(boundary) });
    }

    /// <summary>Puts the row at <paramref name="to"/> of its list, as far as that goes.</summary>
    public void Move(int key, int to)
    {
        if (IndexOfRule(key) is >= 0 and var rule) Change(_now with { Rules = Moved(_now.Rules, rule, to) });
        else if (IndexOfBoundary(key) is >= 0 and var boundary) Change(_now with { Boundaries = Moved(_now.Boundaries, boundary, to) });
    }

    /// <summary>A whole row at once, as a form gave it.</summary>
    public void Replace(int key, MatrixRule rule)
    {
        if (IndexOfRule(key) is >= 0 and var at) Change(_now with { Rules = _now.Rules.SetItem(at, _now.Rules[at] with { Row = rule, Unread = ImmutableDictionary<RuleColumn, Unread>.Empty }) });
    }

    /// <summary>Many rows at once, below the one of <paramref name="after"/> (null: at the end). Ids that are taken get the next free one.</summary>
    public void Paste(IEnumerable<Boundary> boundaries, IEnumerable<MatrixRule> rules, int? after)
    {
        var taken = _now.Rules.Select(r => r.Row).ToList();
        var rows = ImmutableList.CreateBuilder<GridRow<MatrixRule, RuleColumn>>();
        foreach (var rule in rules)
        {
            var free = taken.Any(t => t.Id == rule.Id) ? rule with { Id = RowIds.NextRule(taken) } : rule;
            taken.Add(free);
            rows.Add(Row(free));
        }
        Change(_now with
        {
            Boundaries = _now.Boundaries.AddRange(boundaries.Select(b => Row(b))),
            Rules = _now.Rules.InsertRange(after is { } key && IndexOfRule(key) is >= 0 and var at ? at + 1 : _now.Rules.Count, rows),
        });
    }

    public void SetDefault(DefaultOutcome outcome)
    {
        if (outcome != _now.Default) Change(_now with { Default = outcome });
    }

    /// <summary>Another document in place of this one, as a change that can be undone.</summary>
    public void Put(MatrixDocument document) => Change(SheetOf(document, _now, _ => true, keepUnread: false));

    /// <summary>
    /// What stands in the database now, others' changes among it. Rows keep their keys and what was typed into them; rows that name no action yet, which nobody else can know of, stay;
    /// what was not understood in a row that is gone is <see cref="Homeless"/>.
    /// Undoing would take others' work back, so it starts anew.
    /// </summary>
    /// <param name="document">With everything that is to stand here.</param>
    /// <param name="began">What both began with: only a row that stood there is the same row under the same id.</param>
    public void TakeOver(MatrixDocument document, MatrixDocument began)
    {
        if (MatrixJson.ToJson(document) == MatrixJson.ToJson(Document)) return;
        var ids = began.Rules.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var before = _now;
        var theirs = SheetOf(document, before, ids.Contains, keepUnread: true);
        var rules = theirs.Rules;
        foreach (var (at, row) in before.Rules.Index().Where(r => r.Item.Row.Action.Length == 0))
        {
            var behind = before.Rules.Take(at).Reverse().Select(r => rules.FindIndex(t => t.Key == r.Key)).FirstOrDefault(i => i >= 0, rules.Count - 1);
            var taken = rules.Any(r => r.Row.Id == row.Row.Id);
            rules = rules.Insert(behind + 1, taken ? row with { Row = row.Row with { Id = RowIds.NextRule(rules.Select(r => r.Row)) } } : row);
        }
        _overtaken.UnionWith(before.Rules.Where(b => rules.Any(r => r.Key == b.Key && !ReferenceEquals(r.Row, b.Row))).Select(b => b.Key));
        _now = theirs with { Rules = rules, Boundaries = theirs.Boundaries.AddRange(before.Boundaries.Where(b => b.Row.Action.Length == 0)) };
        _overtaken.UnionWith(before.Boundaries.Where(b => _now.Boundaries.Any(n => n.Key == b.Key && !ReferenceEquals(n.Row, b.Row))).Select(b => b.Key));
        HashSet<int> here = [.. _now.Rules.Select(r => r.Key), .. _now.Boundaries.Select(b => b.Key)];
        foreach (var row in before.Rules.Where(r => !here.Contains(r.Key))) Leave(row.Key, row.Row.Id, row.Unread);
        foreach (var row in before.Boundaries.Where(b => !here.Contains(b.Key))) Leave(row.Key, "Boundary on " + row.Row.Action, row.Unread);
        _undo.Clear();
        _redo.Clear();
        Touch();
    }

    private void Leave<TColumn>(int key, string name, ImmutableDictionary<TColumn, Unread> unread) where TColumn : struct, Enum
    {
        _gone[key] = name;
        foreach (var (column, kept) in unread) Keep(key, column, kept.Text);
    }

    public void Undo()
    {
        if (_undo.Count == 0) return;
        _redo.Push(_now);
        _now = _undo[^1];
        _undo.RemoveAt(_undo.Count - 1);
        Touch();
    }

    public void Redo()
    {
        if (_redo.Count == 0) return;
        _undo.Add(_now);
        _now = _redo.Pop();
        Touch();
    }

    private int IndexOfRule(int key) => _now.Rules.FindIndex(r => r.Key == key);
    private int IndexOfBoundary(int key) => _now.Boundaries.FindIndex(b => b.Key == key);

    private static string Heading(object column) => column switch
    {
        RuleColumn.Resource or BoundaryColumn.Resource => "On",
        RuleColumn.Approvers => "Who approves",
        RuleColumn.Answer => "Time to answer",
        _ => column.ToString()!,
    };

    private string NextId() => RowIds.NextRule(_now.Rules.Select(r => r.Row));

    private int Insert(MatrixRule rule, int? after)
    {
        var row = Row(rule);
        Change(_now with { Rules = _now.Rules.Insert(after is { } key ? IndexOfRule(key) + 1 : _now.Rules.Count, row) });
        return row.Key;
    }

    private static ImmutableList<T> Moved<T>(ImmutableList<T> rows, int at, int to) => Math.Clamp(to, 0, rows.Count - 1) is var place && place == at ? rows : rows.RemoveAt(at).Insert(place, rows[at]);

    private void Change(Sheet sheet)
    {
        if (sheet == _now) return;   // a row that was at the end of its way already
        _undo.Add(_now);
        if (_undo.Count > MostUndo) _undo.RemoveAt(0);
        _redo.Clear();
        _now = sheet;
        Touch();
    }

    private void Touch()
    {
        _document = null;
        Edits++;
    }

    // A row that was there keeps its key, and with it the focus: one that says the same, one of the same id that is known to be the same row, one that only got another id;
    // boundaries have no id, so there it is one about the same action.
    // A row that says the same is the same object, and is not drawn again.
    private Sheet SheetOf(MatrixDocument document, Sheet? before, Func<string, bool> isKnown, bool keepUnread)
    {
        List<GridRow<MatrixRule, RuleColumn>> rules = [.. (before?.Rules ?? []).Where(r => r.Row.Action.Length > 0)];
        var boundaries = before?.Boundaries ?? [];
        var oldRules = RowPairs.Of([.. rules.Select(r => r.Row)], document.Rules, RowText.Of, r => isKnown(r.Id) ? r.Id : "new " + RowText.Of(r), r => RowText.Of(r with { Id = "" }));
        var oldBoundaries = RowPairs.Of([.. boundaries.Select(b => b.Row)], document.Boundaries);
        return new(document.Default,
            [.. document.Boundaries.Select((b, i) => oldBoundaries[i] < 0 ? Row(b) : boundaries[oldBoundaries[i]] is var known && RowText.Of(known.Row) == RowText.Of(b) ? known : known with { Row = b, Unread = keepUnread ? known.Unread : known.Unread.Clear() })],
            [.. document.Rules.Select((r, i) => oldRules[i] < 0 ? Row(r) : rules[oldRules[i]] is var known && RowText.Of(known.Row) == RowText.Of(r) ? known : known with { Row = r, Unread = keepUnread ? known.Unread : known.Unread.Clear() })]);
    }

    private GridRow<MatrixRule, RuleColumn> Row(MatrixRule rule) => new(++_lastKey, rule, ImmutableDictionary<RuleColumn, Unread>.Empty);
    private GridRow<Boundary, BoundaryColumn> Row(Boundary boundary) => new(++_lastKey, boundary, ImmutableDictionary<BoundaryColumn, Unread>.Empty);
}
