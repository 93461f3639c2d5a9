using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Search, order and further filters of the desk; all of it stands in the address. Its fields cost bytes whenever it renders, so it renders only when it has something new to show.</summary>
public sealed partial class DeskBar : IDisposable
{
    private string _search = "", _sort = "", _agent = "", _action = "", _rule = "", _due = "";
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);
    private DeskFilter? _shown;
    private IReadOnlyList<(string Id, string Name)> _listed = [];
    private bool _render = true, _gone;

    [Parameter, EditorRequired] public DeskFilter Filter { get; set; } = default!;
    [Parameter] public IReadOnlyList<(string Id, string Name)> Agents { get; set; } = [];
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    // What somebody is typing is not overwritten because something else on the page moved.
    protected override void OnParametersSet()
    {
        _render = _shown != Filter || !_listed.SequenceEqual(Agents);
        _listed = Agents;
        if (_shown == Filter) return;
        _shown = Filter;
        (_search, _sort, _agent, _action, _rule, _due) = (Filter.Search ?? "", Filter.Sort ?? "", Filter.Agent ?? "", Filter.Action ?? "", Filter.Rule ?? "", Filter.Due?.ToString(CultureInfo.InvariantCulture) ?? "");
    }

    protected override bool ShouldRender() => _render;

    // As one types, once the fingers rest; the address takes its place, so that going back leaves the search at once.
    private async Task SoonAsync()
    {
        var typed = _search;
        await Task.Delay(Rest, Time);
        if (!_gone && typed == _search && typed.Trim() != (Filter.Search ?? "")) Go(replace: true);
    }

    private void Apply() => Go(replace: false);

    // An address that says nothing shows the view that comes first.
    private void Go(bool replace)
        => Navigation.NavigateTo("/approvals" + (DeskFilter.Of(Filter.Show, Filter.Rollout, _sort, _search, _agent, _action, _rule, _due).Query is { Length: > 0 } query ? query : "?rollout="), replace: replace);

    public void Dispose() => _gone = true;
}
