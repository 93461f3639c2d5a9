using System.Text.RegularExpressions;

namespace OpsConsole.Core.Worksheets;

/// <summary>Where a text stands: <c>canvas/workflow</c>, or in a sheet of rows <c>escalation/k3f9/owner</c>. A row's own place in its list is its field <see cref="Place"/>.</summary>
/// <param name="Row">Null in a sheet without rows.</param>
public readonly partial record struct FieldKey(string Sheet, string? Row, string Name)
{
    /// <summary>Where the row stands (see <see cref="RowPlace"/>); empty: it was taken out.</summary>
    public const string Place = "place";

    /// <summary>Null when the text is none.</summary>
    public static FieldKey? Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length is < 2 or > 3 || !parts.All(p => Part().IsMatch(p))) return null;
        return parts.Length == 2 ? new FieldKey(parts[0], null, parts[1]) : new FieldKey(parts[0], parts[1], parts[2]);
    }

    public override string ToString() => Row is null ? $"{Sheet}/{Name}" : $"{Sheet}/{Row}/{Name}";

    [GeneratedRegex(@"^[a-z0-9_-]{1,40}\z")]
    private static partial Regex Part();
}
