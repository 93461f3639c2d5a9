using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>A listed action, in the fields that <c>PUT rollouts/{id}/actions</c> takes.</summary>
public sealed record CatalogueEntry(string Action, string? Description, Effect Effect, Consequence Consequence, IReadOnlyList<string> Classes, bool Reversible, string? Owner, JsonElement? ArgumentsSchema)
{
    internal static CatalogueEntry Of(CatalogueAction a) => new(a.Action, a.Description, a.Effect, a.Consequence, a.Classes, a.Reversible, a.Owner, a.ArgumentsSchema);
}

/// <summary>A page of the catalogue, and the number its ETag shows.</summary>
public sealed record CataloguePage(long Version, Wire.Page<CatalogueEntry> Page)
{
    public static string Tag(long version) => $"\"c{version}\"";
}

/// <summary>What <c>PUT rollouts/{id}/actions</c> answers.</summary>
/// <param name="Entry">The entry of the log whose payload keeps the list as it was saved now; null when nothing changed. What it replaced stands in the entry before of the same event and object.</param>
public sealed record CatalogueSaved(long Version, int Actions, long? Entry);

/// <summary>An action that agents asked for and nobody listed.</summary>
/// <param name="FirstDecision">The id of the decision on the first such ask.</param>
public sealed record UnlistedAction(string Action, DateTimeOffset FirstSeen, string FirstDecision);

/// <summary>Everything that the page of the catalogue shows.</summary>
public sealed record CatalogueView(string RolloutName, IReadOnlyList<CatalogueAction> Actions, IReadOnlyList<UnlistedAction> Unlisted, bool MayEdit);
