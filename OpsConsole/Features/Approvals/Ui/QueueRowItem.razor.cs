using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>One request in the list. It renders again only for another <see cref="DeskRow"/>: fifty of them must cost nothing when one row is new.</summary>
public sealed partial class QueueRowItem
{
    private DeskRow? _shown;

    [Parameter, EditorRequired] public DeskRow Item { get; set; } = default!;

    private QueueRow Row => Item.Row;

    // Action and resource come from the agent: what would be invisible or reorder the line is spelled out.
    private string Title => VisibleText.Flatten(Row.ResourceId is { } id ? $"{Row.Action} {Short(id, 80)}" : Row.Action);

    private string Detail => VisibleText.Flatten(string.Join(" · ", Facts()));

    private IEnumerable<string> Facts()
    {
        if (Row.Amount is { } amount) yield return string.Create(CultureInfo.InvariantCulture, $"amount {amount:#,0.##}");
        yield return Short(Row.AgentName, 24);   // whole on the card
        if (Row.Rule is { } rule) yield return Short(rule, 24);
        if (Row.Confidence is { } sure) yield return string.Create(CultureInfo.InvariantCulture, $"conf {sure:.00}");
        if (Row.Quorum > 1) yield return $"{Row.Approvals} of {Row.Quorum} said yes";
        if (Row.Escalated) yield return "escalated";
        if (Row.Simulated) yield return "simulated";
        if (!Row.MayDecide) yield return "for others";
        if (Row.Turn != Core.Approvals.Turn.Approvers) yield return $"waits for the {(Row.Turn == Core.Approvals.Turn.Agent ? "agent" : "owner")}'s answer{Since(Row.TurnSince)}";
        if (Row.ClaimedBy is { } who) yield return $"{who} {(who == "you" ? "are" : "is")} looking at this{(Row.ClaimedAt is { } at ? $" (claimed {Clock.Short(at)})" : "")}";
    }

    protected override bool ShouldRender()
    {
        if (ReferenceEquals(_shown, Item)) return false;
        _shown = Item;
        return true;
    }

    protected override void OnParametersSet() => _shown ??= Item;

    private string Since(DateTimeOffset? at) => at is { } since ? " since " + Clock.Short(since) : "";

    private static string Short(string id, int most) => id.Length > most ? id[..(char.IsHighSurrogate(id[most - 2]) ? most - 2 : most - 1)] + "…" : id;
}
