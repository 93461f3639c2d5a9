using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Shared;
using Col = OpsConsole.Core.Authority.SheetColumns;

namespace OpsConsole.Core.Authority;

/// <summary>The reading side of <see cref="MatrixSheet"/>: cells to rows, rows to what the wire form would take.</summary>
internal sealed class SheetReader(IReadOnlyList<IReadOnlyList<string>> rows, IEnumerable<string> taken, Func<string, string?> knows)
{
    private readonly List<SheetProblem> _problems = [];
    private readonly List<Boundary> _boundaries = [];
    private readonly List<MatrixRule> _rules = [];
    private readonly List<int> _unnamed = [];
    private DefaultOutcome? _default;

    public SheetReading Read()
    {
        var first = 0;
        while (first < rows.Count && IsBlank(rows[first])) first++;
        var header = first < rows.Count && Col.IsHeader(rows[first]);
        var columns = header ? Headings(first) : Col.WithoutHeader;
        for (var i = header ? first + 1 : first; i < rows.Count; i++)
        {
            if (IsBlank(rows[i])) continue;
            if (_boundaries.Count >= MatrixJson.MaxRows || _rules.Count >= MatrixJson.MaxRows)
            {
                _problems.Add(new(i + 1, Col.Kind, string.Create(CultureInfo.InvariantCulture, $"A matrix has at most {MatrixJson.MaxRows} rules and {MatrixJson.MaxRows} boundaries; from here on nothing is read.")));
                break;
            }
            Row(i, columns);
        }
        NumberRules();
        return new SheetReading(_default, _boundaries, _rules, [.. _problems.OrderBy(p => p.Row)]);
    }

    private static bool IsBlank(IReadOnlyList<string> row) => row.All(string.IsNullOrWhiteSpace);

    // A column that nobody knows is no reason to leave rows out, but its cells must not vanish unseen.
    private string?[] Headings(int at)
    {
        var row = rows[at];
        var columns = new string?[row.Count];
        for (var c = 0; c < row.Count; c++)
        {
            var (column, heading) = (Col.Of(row[c]), SheetRow.Short(row[c].Trim()));
            if (column is not null && !columns.Contains(column)) columns[c] = column;
            else if (column is not null) _problems.Add(new(at + 1, heading, $"This is the column '{column}' a second time; only the first is read."));
            else if (rows.Skip(at + 1).Any(r => c < r.Count && !string.IsNullOrWhiteSpace(r[c])))
                _problems.Add(new(at + 1, heading.Length == 0 ? Place(c) : heading, $"There is no such column; its cells are not read. Known are: {string.Join(", ", Col.All)}."));
        }
        return columns;
    }

    private void Row(int index, string?[] columns)
    {
        var cells = new Dictionary<string, string>(StringComparer.Ordinal);
        var beyond = -1;
        for (var c = 0; c < rows[index].Count; c++)
        {
            if (c < columns.Length && columns[c] is { } column) cells[column] = rows[index][c];
            else if (c >= columns.Length && !string.IsNullOrWhiteSpace(rows[index][c])) beyond = c;
        }
        foreach (var column in columns) if (column is not null) cells.TryAdd(column, "");
        var row = new SheetRow(index + 1, cells, knows);
        if (beyond >= 0) row.Refuse(Place(beyond), "There is a cell beyond the last column; is a separator too many in this row?");
        foreach (var (column, cell) in cells) if (!WholeText.Is(cell)) row.Refuse(column, "The cell holds characters that are no text.");
        if (row.Problems.Count == 0)
        {
            switch (KindOf(row))
            {
                case SheetWords.RowKind.Default: Default(row); break;
                case SheetWords.RowKind.Boundary: Boundary(row); break;
                default: Rule(row); break;
            }
        }
        _problems.AddRange(row.Problems);
    }

    private static SheetWords.RowKind KindOf(SheetRow row)
    {
        var never = row.Has(Col.Kind) && row.IsEmpty(Col.Kind) && SheetCell.Key(row.Cell(Col.Outcome)) is "never" or "outofbounds";
        return never ? SheetWords.RowKind.Boundary : row.Word(Col.Kind, SheetWords.Kinds, SheetWords.RowKind.Rule);
    }

    private void Default(SheetRow row)
    {
        row.Only("The row that says the default", Col.Kind, Col.Id, Col.Outcome, Col.Note, Col.Reason);
        if (_default is not null) row.Refuse(Col.Kind, "The default is said a second time; leave one of the two rows out.");
        if (row.IsEmpty(Col.Outcome)) row.Refuse(Col.Outcome, "Write deny or approve: what happens to a call that no row matches.");
        var outcome = row.Word(Col.Outcome, SheetWords.Defaults, DefaultOutcome.Deny);
        if (row.Problems.Count == 0) _default = outcome;
    }

    private void Boundary(SheetRow row)
    {
        row.Only("A boundary", Col.Kind, Col.Id, Col.Action, Col.ResourceType, Col.ResourceId, Col.When, Col.Outcome, Col.Effect, Col.Consequence, Col.Classes, Col.Reversible, Col.Note, Col.Reason);
        if (row.Word(Col.Outcome, SheetWords.Outcomes, RuleOutcome.Deny) != RuleOutcome.Deny) row.Refuse(Col.Outcome, "A boundary is never crossed: leave this cell empty, or make the row a rule.");
        var boundary = new Boundary { Action = row.Cell(Col.Action), Resource = Resource(row), When = row.Conditions(Col.When), Reason = Remark(row) ?? "" };
        if (row.Problems.Count == 0 && Holds(row, new MatrixDocument { Boundaries = [boundary] })) _boundaries.Add(boundary);
    }

    private void Rule(SheetRow row)
    {
        var named = row.Cell(Col.Id).Length > 0;
        if (row.IsEmpty(Col.Outcome)) row.Refuse(Col.Outcome, $"Write what happens: one of {SheetWords.Outcomes.Known}.");
        var rule = row.Approvers(new MatrixRule
        {
            Id = named ? row.Cell(Col.Id) : "R-0", Action = row.Cell(Col.Action), Resource = Resource(row), When = row.Conditions(Col.When), Outcome = row.Word(Col.Outcome, SheetWords.Outcomes, RuleOutcome.Deny),
            Effect = row.Word(Col.Effect, SheetWords.Effects, Effect.Write), Consequence = row.Word(Col.Consequence, SheetWords.Consequences, Consequence.High),
            Classes = row.Texts(Col.Classes, c => c.Replace(' ', '_').ToLowerInvariant()), Reversible = row.Flag(Col.Reversible), Exceptions = row.Texts(Col.Exceptions, MatrixSheet.AsItIs), Quorum = row.Whole(Col.Quorum, 1),
            Order = row.Word(Col.Order, SheetWords.Orders, ApprovalOrder.Any), Sla = row.Duration(Col.Sla) ?? MatrixRule.DefaultSla, OnExpiry = row.Word(Col.OnExpiry, SheetWords.Expiries, OnExpiry.Deny),
            EscalateTo = row.People(Col.EscalateTo), Window = row.Duration(Col.Window) ?? MatrixRule.DefaultWindow, Confirm = row.Word(Col.Confirm, SheetWords.Confirms, Confirm.None), Claim = row.Flag(Col.Claim),
            Hold = row.Duration(Col.Hold), ValidFor = row.Duration(Col.ValidFor) ?? MatrixRule.DefaultValidFor, Note = Remark(row),
        });
        if (row.Problems.Count > 0 || !Holds(row, new MatrixDocument { Rules = [rule] })) return;
        if (!named) _unnamed.Add(_rules.Count);
        _rules.Add(rule);
    }

    private static ResourcePattern? Resource(SheetRow row) => (row.Text(Col.ResourceType), row.Text(Col.ResourceId)) switch { (null, null) => null, var (type, id) => new ResourcePattern(type, id) };

    // People write either heading over either.
    private static string? Remark(SheetRow row)
    {
        var (note, reason) = (row.Text(Col.Note), row.Text(Col.Reason));
        if (note is not null && reason is not null) row.Refuse(Col.Reason, "A rule has a note and a boundary a reason, none has both; write it into one cell.");
        return note ?? reason;
    }

    // The reader of the wire form has the last word: lengths, names, ranges.
    private static bool Holds(SheetRow row, MatrixDocument one)
    {
        if (MatrixJson.Parse(JsonElement.Parse(MatrixJson.ToJson(one))).Fault is not { } fault) return true;
        var field = (fault.Field ?? "").Split('.', 2) is [_, var rest] ? rest : "";
        var name = field.Split('.', '[')[0];
        row.Refuse(name == "resource" ? field.EndsWith("id", StringComparison.Ordinal) ? Col.ResourceId : Col.ResourceType : name.Length == 0 ? Col.Kind : name, row.Cell(Col.Action).Length == 0 && name == Col.Action ? "Write the action this row is about, such as refund.create." : Sentence(fault, field));
        return false;
    }

    private static string Sentence(Fault fault, string field) => fault.Message.Replace((fault.Field ?? "") + " ", field.Contains('[', StringComparison.Ordinal) ? "One of them " : "It ", StringComparison.Ordinal);

    private void NumberRules()
    {
        foreach (var (i, id) in _unnamed.Zip(RowIds.After("R-", taken.Concat(_rules.Select(r => r.Id)).ToList()))) _rules[i] = _rules[i] with { Id = id };
    }

    private static string Place(int column) => string.Create(CultureInfo.InvariantCulture, $"column {column + 1}");
}
