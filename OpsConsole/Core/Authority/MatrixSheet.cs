using System.Text.Json;
using OpsConsole.Core.Shared;
using Col = OpsConsole.Core.Authority.SheetColumns;

namespace OpsConsole.Core.Authority;

/// <summary>What could not be read in a table. <paramref name="Row"/> counts from 1, headings included, as a spreadsheet does.</summary>
/// <param name="Column">The column's name, or the heading as it stands when it is not known.</param>
public sealed record SheetProblem(int Row, string Column, string Message);

/// <summary>What a table says: its good rows, and the problems of the others, which are left out.</summary>
/// <param name="Default">Null where no row says it.</param>
public sealed record SheetReading(DefaultOutcome? Default, IReadOnlyList<Boundary> Boundaries, IReadOnlyList<MatrixRule> Rules, IReadOnlyList<SheetProblem> Problems)
{
    /// <summary>The good rows as a matrix.</summary>
    public MatrixDocument Document => new() { Default = Default ?? DefaultOutcome.Deny, Boundaries = Boundaries, Rules = Rules };
}

/// <summary>
/// A matrix as a table of texts: one row for the default, one for each boundary and each rule, under headings. What <see cref="ToRows"/> writes <see cref="Read"/> reads back exactly;
/// besides, it understands what people write into spreadsheets. It says nothing of separators and quotes (CSV): only of cells.
/// </summary>
public static class MatrixSheet
{
    /// <summary>The headings in their order.</summary>
    public static IReadOnlyList<string> Columns => Col.All;

    private static readonly Dictionary<string, int> Places = Col.All.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => p.i, StringComparer.Ordinal);

    /// <summary>The headings and one row each, in order. Defaults are empty cells, except effect, consequence and reversible.</summary>
    public static IReadOnlyList<string[]> ToRows(MatrixDocument doc) => [[.. Col.All], Line((Col.Kind, "default"), (Col.Outcome, MatrixWords.Of(doc.Default))), .. doc.Boundaries.Select(Row), .. doc.Rules.Select(Row)];

    private static string[] Row(Boundary b) => Line((Col.Kind, "boundary"), (Col.Action, b.Action), (Col.ResourceType, SheetCell.Text(b.Resource?.Type)), (Col.ResourceId, SheetCell.Text(b.Resource?.Id)),
        (Col.When, ConditionText.Format(b.When)), (Col.Reason, b.Reason.Length == 0 ? "" : SheetCell.Text(b.Reason)));

    private static string[] Row(MatrixRule r) => Line((Col.Kind, "rule"), (Col.Id, r.Id), (Col.Action, r.Action), (Col.ResourceType, SheetCell.Text(r.Resource?.Type)), (Col.ResourceId, SheetCell.Text(r.Resource?.Id)),
        (Col.When, ConditionText.Format(r.When)), (Col.Outcome, MatrixWords.Of(r.Outcome)), (Col.Approvers, Names(r.Approvers)), (Col.Effect, MatrixWords.Effects[r.Effect]), (Col.Consequence, MatrixWords.Consequences[r.Consequence]),
        (Col.Classes, string.Join(", ", r.Classes)), (Col.Reversible, r.Reversible ? "yes" : "no"), (Col.Exceptions, SheetCell.Texts(r.Exceptions, AsItIs)), (Col.Quorum, r.Quorum == 1 ? "" : JsonSerializer.Serialize(r.Quorum)),
        (Col.Order, r.Order == ApprovalOrder.Any ? "" : MatrixWords.Orders[r.Order]), (Col.Sla, Time(r.Sla, MatrixRule.DefaultSla)), (Col.OnExpiry, r.OnExpiry == OnExpiry.Deny ? "" : MatrixWords.Expiries[r.OnExpiry]),
        (Col.EscalateTo, Names(r.EscalateTo)), (Col.Window, Time(r.Window, MatrixRule.DefaultWindow)), (Col.Confirm, r.Confirm == Confirm.None ? "" : MatrixWords.Confirms[r.Confirm]), (Col.Claim, r.Claim ? "yes" : ""),
        (Col.Hold, r.Hold is { } hold ? IsoDuration.Write(hold) : ""), (Col.ValidFor, Time(r.ValidFor, MatrixRule.DefaultValidFor)), (Col.Note, SheetCell.Text(r.Note)));

    // In quotes where it would be read as several.
    private static string Names(IReadOnlyList<string> approvers) => SheetCell.Texts(approvers, a => ApproverCells.IsSeveral(a) ? "" : ApproverCells.Name(a, _ => null));

    private static string Time(TimeSpan time, TimeSpan usual) => time == usual ? "" : IsoDuration.Write(time);

    private static string[] Line(params ReadOnlySpan<(string Column, string Cell)> cells)
    {
        var line = new string[Col.All.Length];
        Array.Fill(line, "");
        foreach (var (column, cell) in cells) line[Places[column]] = cell;
        return line;
    }

    /// <summary>
    /// Reads a table, with headings in any order and many spellings or without any (then: id, action, when, outcome, approvers, note). Never throws; a row with a problem is left out.
    /// A rule without an id gets the next free <c>R-n</c>, also beside the ids in <paramref name="taken"/>.
    /// </summary>
    /// <param name="knows">Who is meant by a name, as <see cref="RuleCells.Set(MatrixRule, RuleColumn, string, Func{string, string})"/> has it; without it a name is a group's.</param>
    public static SheetReading Read(IReadOnlyList<IReadOnlyList<string>> rows, IEnumerable<string>? taken = null, Func<string, string?>? knows = null) => new SheetReader(rows, taken ?? [], knows ?? (_ => null)).Read();

    /// <summary>Rows of cells from what a spreadsheet puts on the clipboard.</summary>
    public static IReadOnlyList<string[]> FromTabs(string text) => Csv.FromTabs(text);

    internal static string AsItIs(string item) => item;
}
