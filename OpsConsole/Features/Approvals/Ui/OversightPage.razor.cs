using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>How people decide: a lead sees their rollouts' approvers, everybody themselves. Every figure leads to its records.</summary>
public sealed partial class OversightPage
{
    private static readonly string[] Topics = ["approvals", "state"];
    private OversightView? _view;
    private (bool Mine, int Days)? _read;
    private string? _fault, _meId;
    private bool _leads;

    [SupplyParameterFromQuery(Name = "days")] private string? Wanted { get; set; }
    [Inject] private OversightDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private int Days => Wanted == "30" ? 30 : 7;
    private bool Mine => !_leads || new Uri(Navigation.Uri).AbsolutePath.EndsWith("/me", StringComparison.Ordinal);
    private string Path => Mine ? "/oversight/me" : "/oversight";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var me = await Person.RequireAsync();
        if (me.Fault is { } gone)
        {
            (_fault, _view) = (gone.Message, null);
            return;
        }
        (_meId, _leads) = (me.Value.Id, Desk.Leads(me.Value));
        var asked = (Mine, Days);
        if (_read != asked) _view = null;
        var found = await Desk.ReadAsync(me.Value, asked.Days, asked.Mine, CancellationToken.None);
        if (asked != (Mine, Days)) return;
        (_view, _read, _fault) = (found, asked, null);
    }

    private string Records(ApproverFigures f, string? verdict = null) => $"/oversight/people/{f.PersonId}/{f.RolloutId}?days={Days}{(verdict is null ? "" : "&verdict=" + verdict)}";

    internal static string Span(TimeSpan? span) => span is not { } s ? "–" : s.TotalSeconds < 60 ? $"{s.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s" : s.TotalMinutes < 60 ? $"{s.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture)} min" : $"{s.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h";
    private static string Share(int part, int all) => all < Oversight.Few ? part.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / all:0} % ({part})");
}
