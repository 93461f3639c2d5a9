using System.Globalization;
using Col = OpsConsole.Core.Authority.SheetColumns;

namespace OpsConsole.Core.Authority;

/// <summary>One row of a table that is being read: its cells by column, and what is wrong with them.</summary>
/// <param name="knows">Who is meant by a name.</param>
internal sealed class SheetRow(int number, IReadOnlyDictionary<string, string> cells, Func<string, string?> knows)
{
    private readonly List<SheetProblem> _problems = [];

    public IReadOnlyList<SheetProblem> Problems => _problems;
    public bool Has(string column) => cells.ContainsKey(column);
    public string Cell(string column) => cells.GetValueOrDefault(column, "").Trim();

    /// <summary>Whether nothing stands there, or the dash that people write for nothing.</summary>
    public bool IsEmpty(string column) => Cell(column) is "" or "-" or "–" or "—";

    public void Refuse(string column, string message) => _problems.Add(new(number, column, message));

    public string? Text(string column) => SheetCell.ReadText(Cell(column));

    public T Word<T>(string column, SheetWords<T> words, T absent) where T : struct, Enum
    {
        if (IsEmpty(column)) return absent;
        var cell = Cell(column);
        if (!words.TryRead(cell, out var value)) Refuse(column, $"'{Short(cell)}' is not understood here; write one of: {words.Known}.");
        return value;
    }

    public bool Flag(string column) => Cell(column) == "✓" || Word(column, SheetWords.Flags, SheetWords.Flag.No) == SheetWords.Flag.Yes;

    public IReadOnlyList<string> People(string column) => IsEmpty(column) ? [] : Texts(column, i => ApproverCells.Name(i, knows));

    /// <summary>Approvers as they are typed into the grid, with how many and in which order, unless columns of their own say that or a name stands in quotes.</summary>
    public MatrixRule Approvers(MatrixRule rule) => Cell(Col.Approvers).Contains('"') || !IsEmpty(Col.Quorum) || !IsEmpty(Col.Order) || IsEmpty(Col.Approvers) ? rule with { Approvers = People(Col.Approvers) } : ApproverCells.Set(rule, Cell(Col.Approvers), knows);

    public IReadOnlyList<string> Texts(string column, Func<string, string> plain) => [.. SheetCell.ReadTexts(Cell(column), plain)];

    public TimeSpan? Duration(string column)
    {
        if (IsEmpty(column)) return null;
        var cell = Cell(column);
        if (LengthOfTime.Read(cell) is { } duration) return duration;
        Refuse(column, $"'{Short(cell)}' is no duration; write PT15M, P1D, 15 min or 1 day.");
        return null;
    }

    /// <summary>A whole number, also the first one of '2 of 3'.</summary>
    public int Whole(string column, int absent)
    {
        if (IsEmpty(column)) return absent;
        var cell = Cell(column);
        var of = cell.IndexOf(" of ", StringComparison.OrdinalIgnoreCase);
        if (int.TryParse(of < 0 ? cell : cell[..of], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value)) return value;
        Refuse(column, $"'{Short(cell)}' is no whole number; write 1, 2, …");
        return absent;
    }

    public IReadOnlyList<Condition> Conditions(string column)
    {
        if (IsEmpty(column) || SheetCell.Key(Cell(column)) == "always") return [];
        var cell = Cell(column);
        // Office programs turn straight quotes into curly ones; what the console writes has straight ones around every text.
        var read = ConditionText.Parse(cell.Contains('"', StringComparison.Ordinal) ? cell : cell.Replace('“', '"').Replace('”', '"').Replace('„', '"'));
        if (read.Fault is not { } fault) return read.Value;
        Refuse(column, fault.Message);
        return [];
    }

    /// <summary>Refuses what stands in other columns than <paramref name="columns"/>.</summary>
    public void Only(string what, params ReadOnlySpan<string> columns)
    {
        foreach (var (column, cell) in cells)
        {
            if (!string.IsNullOrWhiteSpace(cell) && !columns.Contains(column)) Refuse(column, $"{what} has no {column.Replace('_', ' ')}; leave this cell empty.");
        }
    }

    public static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
