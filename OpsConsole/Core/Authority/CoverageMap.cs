using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What the matrix alone makes of a call, before tier and gate are looked at.</summary>
public enum CallFate
{
    /// <summary>A rule allows it.</summary>
    Alone,
    /// <summary>A rule asks a person.</summary>
    Approved,
    /// <summary>A rule or a boundary denies it.</summary>
    Denied,
    /// <summary>No row matches: the default decides.</summary>
    Nobody,
}

/// <summary>Whether there is a call of some kind.</summary>
public enum Possibility
{
    /// <summary>Proven: there is none.</summary>
    No,
    /// <summary>There is: the compiled policy was asked about one.</summary>
    Yes,
    /// <summary>Neither was shown: a pattern, very many values, or too much work.</summary>
    CannotTell,
}

/// <summary>One row that decides calls of an action, or may.</summary>
/// <param name="Rule">The id of the rule; null for a boundary, and where no row matches.</param>
/// <param name="Index">The place among the rules, or among the boundaries; -1 where no row matches.</param>
/// <param name="Example">A call, in the shape of an ask, that it does decide; null where that cannot be told.</param>
/// <param name="OnlyUnread">Of what was found, it decides only calls that a condition could not read (<c>condition.unknown</c>).</param>
/// <param name="Fit">How the example stands to the arguments that the register describes.</param>
public sealed record CoverageRow(string? Rule, int Index, JsonElement? Example, bool OnlyUnread, CallFit Fit = CallFit.Fits)
{
    public bool IsBoundary => Rule is null && Index >= 0;
}

/// <summary>One fate of one action.</summary>
/// <param name="Rows">The rows that bring it about, in their order, those that cannot be told among them. For <see cref="CallFate.Nobody"/> one entry that names no row.</param>
public sealed record CoverageCell(CallFate Fate, IReadOnlyList<CoverageRow> Rows)
{
    public Possibility Possibility { get; } = Rows.Any(r => r.Example is not null) ? Possibility.Yes : Rows.Count > 0 ? Possibility.CannotTell : Possibility.No;
    /// <summary>A call with this fate: one that fits the action's arguments if there is one, and of those one that every condition can read.</summary>
    public JsonElement? Example => Shown?.Call;
    internal ShownCall? Shown => Rows.Where(r => r.Example is not null).MinBy(r => (r.Fit, r.OnlyUnread)) is { } row ? new(row.Example!.Value, row.Fit) : null;
}

/// <summary>How well the matrix speaks about one action.</summary>
public enum Coverage
{
    /// <summary>Every call matches a row.</summary>
    Whole,
    /// <summary>Some calls match no row.</summary>
    Part,
    /// <summary>No call matches a row.</summary>
    None,
    /// <summary>Whether every call matches a row cannot be told.</summary>
    CannotTell,
}

/// <summary>What can become of the calls of one action that the catalogue lists.</summary>
/// <param name="Cells">One per <see cref="CallFate"/>, in that order.</param>
public sealed record CoverageLine(CatalogueAction Action, IReadOnlyList<CoverageCell> Cells)
{
    public CoverageCell this[CallFate fate] => Cells[(int)fate];

    public Coverage Coverage => this[CallFate.Nobody].Possibility switch
    {
        Possibility.No => Coverage.Whole,
        Possibility.CannotTell => Coverage.CannotTell,
        _ => Cells.Take((int)CallFate.Nobody).All(c => c.Possibility == Possibility.No) ? Coverage.None : Coverage.Part,
    };
}

/// <summary>
/// The catalogue of actions against a matrix: which fates are possible for each. What is called impossible is proven, what is called possible carries a call
/// that the compiled policy was asked about, and the rest is said to be neither.
/// </summary>
/// <param name="Default">What becomes of <see cref="CallFate.Nobody"/>.</param>
/// <param name="Lines">Actions of high consequence first, then by name.</param>
public sealed record CoverageMap(DefaultOutcome Default, IReadOnlyList<CoverageLine> Lines)
{
    private const int Steps = 2_000_000;

    public static CoverageMap Of(MatrixDocument doc, ActionCatalogue catalogue) => Of(new AnalysisGround(doc), catalogue, new WorkBudget(Steps));

    internal static CoverageMap Of(AnalysisGround ground, ActionCatalogue catalogue, CancellationToken ct) => Of(ground, catalogue, new WorkBudget(Steps, ct));

    internal static CoverageMap Of(AnalysisGround ground, ActionCatalogue catalogue, WorkBudget budget)
    {
        var fits = new ArgumentFits(catalogue, new WorkBudget(ArgumentFits.Steps, budget.Token));
        var cells = new CoverageSurvey(ground, budget, fits).CellsOf([.. catalogue.Actions.Select(a => a.Action)]);
        return new(ground.Document.Default, [.. catalogue.Actions.Select((a, i) => new CoverageLine(a, cells[i])).OrderByDescending(l => l.Action.Consequence)]);
    }

    /// <summary>The map in one sentence.</summary>
    public string Headline()
    {
        if (Lines.Count == 0) return "The catalogue lists no action yet.";
        var whole = Lines.Count(l => l.Coverage == Coverage.Whole);
        List<string> parts = [$"{whole} of {Counted(Lines.Count, "action")} {(whole == 1 ? "is" : "are")} covered"];
        var (high, low) = (Number(Coverage.None, Consequence.High), Number(Coverage.None, Consequence.Low));
        if (high > 0) parts.Add($"nobody said anything about {Counted(high, "high-consequence action")}");
        if (low > 0) parts.Add(high > 0 ? $"nor about {low} of low consequence" : $"nobody said anything about {Counted(low, "low-consequence action")}");
        if (Lines.Count(l => l.Coverage == Coverage.Part) is > 0 and var part) parts.Add($"{part} {(part == 1 ? "has" : "have")} calls that no row matches");
        if (Lines.Count(l => l.Coverage == Coverage.CannotTell) is > 0 and var open) parts.Add($"{open} cannot be told");
        return string.Join("; ", parts) + ".";
    }

    private int Number(Coverage coverage, Consequence consequence) => Lines.Count(l => l.Coverage == coverage && l.Action.Consequence == consequence);

    private static string Counted(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
