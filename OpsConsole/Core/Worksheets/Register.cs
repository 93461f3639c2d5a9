namespace OpsConsole.Core.Worksheets;

/// <summary>
/// What stands in one field: every patch that nobody has replaced yet. Usually that is one; two people who wrote at once leave two, and both are shown until somebody chooses.
/// The result depends only on which patches there are, not on the order in which they came or how often (a multi-value register: Shapiro et al., INRIA RR-7506, 2011, section 3.2.2). Pure.
/// </summary>
public sealed class Register
{
    public static readonly Register Empty = new([]);

    private readonly IReadOnlyList<Patch> _patches;

    private Register(IReadOnlyList<Patch> patches)
    {
        _patches = patches;
        var replaced = patches.SelectMany(p => p.Over).ToHashSet(StringComparer.Ordinal);
        Standing = [.. patches.Where(p => !replaced.Contains(p.Id)).OrderBy(p => p.At).ThenBy(p => p.Id, StringComparer.Ordinal)];
    }

    /// <summary>How many patches there are.</summary>
    public int Version => _patches.Count;

    /// <summary>The patches that nobody replaced, oldest first.</summary>
    public IReadOnlyList<Patch> Standing { get; }

    /// <summary>All of them, oldest first.</summary>
    public IEnumerable<Patch> History => _patches.OrderBy(p => p.At).ThenBy(p => p.Id, StringComparer.Ordinal);

    /// <summary>The text: of several, the one that came first, so that nobody's screen changes under them.</summary>
    public string Value => Standing.Count == 0 ? "" : Standing[0].Value;

    /// <summary>Different texts to choose from; one where everybody wrote the same, none in an empty field.</summary>
    public IReadOnlyList<Patch> Rivals => [.. Standing.DistinctBy(p => p.Value, StringComparer.Ordinal)];

    public bool IsContested => Rivals.Count > 1;

    /// <summary>With one more patch; the same register when it is known.</summary>
    public Register With(Patch patch) => _patches.Any(p => p.Id == patch.Id) ? this : new Register([.. _patches, patch]);

    /// <summary>The same without what was replaced: enough to show and to go on with, not to tell its history.</summary>
    public Register Trimmed() => Standing.Count == _patches.Count ? this : new Register(Standing);

    public static Register Of(IEnumerable<Patch> patches) => new([.. patches.DistinctBy(p => p.Id, StringComparer.Ordinal)]);
}
