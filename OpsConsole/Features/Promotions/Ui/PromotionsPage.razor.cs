using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Promotions.Ui;

/// <summary>What an agent may be raised to, what it has shown for it, and the decisions behind each figure.</summary>
public sealed partial class PromotionsPage
{
    private PromotionsView? _view;
    private IReadOnlyList<RunView> _runs = [];
    private string? _fault;
    private CapabilityView? _proposing;

    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery(Name = "promotion")] public string? Promotion { get; set; }
    [SupplyParameterFromQuery(Name = "after")] public string? After { get; set; }
    [Inject] private PromotionReader Reader { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    /// <summary>The one that the address names, else what is open.</summary>
    private PromotionView? Chosen => Promotion is { } wanted ? _view?.Promotions.FirstOrDefault(p => p.Id == wanted) : _view?.Promotions.FirstOrDefault(p => p.State is "open" or "passed");

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var asked = (Id, Promotion, After);
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.PageAsync(me.Value, Id, CancellationToken.None);
        if (asked != (Id, Promotion, After)) return;   // the address moved on
        (_fault, _view) = (found.Fault?.Message, found.Ok ? found.Value : null);
        if (Chosen is not { } chosen) return;
        var runs = await Reader.AllRunsAsync(me.Value, Id, chosen.Id, CancellationToken.None);
        if (asked != (Id, Promotion, After)) return;
        (_fault, _runs) = (runs.Fault?.Message, runs.Ok ? runs.Value : []);
    }

    // What was begun or ended stays on the page, whatever else is open.
    private async Task ShowAsync(string promotion)
    {
        _proposing = null;
        if (Promotion == promotion) await LoadAsync();
        else Navigation.NavigateTo($"/agents/{Id}/promotions?promotion={promotion}");
    }

    private static string Days(double days) => days == 1 ? "1 day" : days.ToString("0.##", CultureInfo.InvariantCulture) + " days";
    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
}
