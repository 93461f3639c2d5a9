using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Decisions.Ui;

/// <summary>The search. What is new announces itself instead of moving what somebody reads.</summary>
public sealed partial class DecisionsPage
{
    private const int Most = 100;
    private static readonly string[] Topics = ["log", "state"];
    private static readonly PageKey[] Keys = [new("j", "Next decision"), new("k", "Decision before"), new("Enter", "Open it"), new("n", "Show what is new")];
    private Wire.Page<DecisionView>? _page;
    private IReadOnlyList<(string Id, string Name)> _agents = [];
    private string? _fault, _wrongFilter, _outcome, _agent, _action, _run, _mode, _consequence, _at;
    private DateOnly? _from, _to;
    private int _newer;
    private long _top;

    [SupplyParameterFromQuery] public string? Agent { get; set; }
    [SupplyParameterFromQuery] public string? Action { get; set; }
    [SupplyParameterFromQuery] public string? Outcome { get; set; }
    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    [SupplyParameterFromQuery] public string? Run { get; set; }
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }
    [SupplyParameterFromQuery] public string? Unreported { get; set; }
    /// <summary><c>live</c>: what was asked for real.</summary>
    [SupplyParameterFromQuery] public string? Mode { get; set; }
    /// <summary><c>high</c> or <c>low</c>.</summary>
    [SupplyParameterFromQuery] public string? Consequence { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }

    private DecisionFilter Filter => new(Blank(Agent), Blank(Action), Blank(Outcome), Blank(Rollout), Blank(Run), Time(From), Time(To), Unreported == "1", Mode == "live", Consequence switch { "high" => true, "low" => false, _ => null });
    private bool Filtered => Filter != new DecisionFilter();

    protected override async Task OnParametersSetAsync()
    {
        (_outcome, _agent, _action, _run, _mode, _consequence) = (Outcome ?? "", Agent ?? "", Action, Run, Mode ?? "", Consequence ?? "");
        (_from, _to) = (Day(From), Day(To));
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var me = await Me.RequireAsync();
        if (me.Fault is { } gone)
        {
            (_fault, _wrongFilter) = (gone.Message, null);
            return;
        }
        _agents = Search.Agents(me.Value);
        var result = await Search.SearchAsync(me.Value, Filter, Blank(After), 50, "", CancellationToken.None);
        _page = result.Ok ? result.Value : null;
        // Trying again does not help against what stands in the address.
        (_wrongFilter, _fault) = result.Fault switch { null => (null, null), { Kind: FaultKind.Invalid } wrong => ((string?)wrong.Message, (string?)null), var fault => (null, fault.Message) };
        _newer = 0;
        if (After is null) _top = _page is { Items.Count: > 0 } ? _page.Items[0].Seq : _top;
    }

    private async Task LookAsync()
    {
        if (await Me.GetAsync() is not { } me || After is not null || _page is null) return;
        if (Filter.Unreported || _page.Items.Count == 0)
        {
            await LoadAsync();   // nobody is reading a list that is empty, and the list to reconcile only shrinks
            return;
        }
        _newer = await Search.NewerAsync(me, Filter, _top, Most, CancellationToken.None);
        // What is on screen keeps its place, but says how it stands.
        var result = await Search.RefreshAsync(me, [.. _page.Items.Select(d => d.Seq)], CancellationToken.None);
        _page = _page with { Items = result };
    }

    private Task ShowNewAsync() => LoadAsync();

    private void Apply() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters("/decisions", new Dictionary<string, object?>
    {
        ["outcome"] = Blank(_outcome), ["agent"] = Blank(_agent), ["action"] = Blank(_action?.Trim()), ["run"] = Blank(_run?.Trim()), ["rollout"] = Blank(Rollout), ["mode"] = Blank(_mode), ["consequence"] = Blank(_consequence), ["from"] = Text(_from), ["to"] = Text(_to),
    }));

    private string Address(string? after) => Navigation.GetUriWithQueryParameter("after", after);

    private async Task OnKey(string key)
    {
        if (key == "n" && _newer > 0) await ShowNewAsync();
        if (_page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(d => d.Id == _at);
        if (key == "Enter" && at >= 0) Navigation.NavigateTo("/decisions/" + page.Items[at].Id);
        else if (key == "j") _at = page.Items[Math.Min(at + 1, page.Items.Count - 1)].Id;
        else if (key == "k") _at = page.Items[Math.Max(at - 1, 0)].Id;
    }

    private static string Named(string word) => word switch { "allow" => "Allowed", "pending" => "Waits", "deny" => "Denied", "shadow" => "Shadow", _ => "Simulated" };
    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
    private static DateTimeOffset? Time(string? text) => QueryTime.TryRead(text, out var at) ? at : null;
    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
