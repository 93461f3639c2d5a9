using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>What is provisional in what the reader sees, soonest over first; live. What is new announces itself and what has ended keeps its place, so that nothing moves under the reader's finger.</summary>
public sealed partial class ProvisionalPage : IDisposable
{
    private const int Rows = 50;
    private static readonly string[] Topics = [ReversibleWindow.Topic, "state"];
    private static readonly PageKey[] Keys = [new("j", "Next"), new("k", "Before"), new("Enter", "Open the decision"), new("c", "Confirm"), new("v", "Veto"), new("n", "Show what is new")];

    private Wire.Page<WindowView>? _page;
    private Fault? _fault;
    private string? _at, _opened;
    private WindowView? _asked, _over;
    private bool _veto;
    private int _news;
    private DateTimeOffset _shownAt;
    private ITimer? _again;

    [Inject] private TimeProvider Time { get; set; } = default!;
    [SupplyParameterFromQuery] public bool Required { get; set; }
    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }
    /// <summary>With <see cref="Decision"/>: <c>confirm</c>, or a veto.</summary>
    [SupplyParameterFromQuery] public string? Say { get; set; }
    /// <summary>The decision that is asked about from elsewhere; its dialog opens at once.</summary>
    [SupplyParameterFromQuery] public string? Decision { get; set; }

    private string? Chosen => string.IsNullOrEmpty(Rollout) ? null : Rollout;

    protected override async Task OnParametersSetAsync()
    {
        await Task.Yield();   // rendered, so listening, before anything is read
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = (Required, Rollout, After);
        var me = await Me.RequireAsync();
        var page = me.Fault is { } gone ? gone : await Desk.ListAsync(me.Value, Chosen, Required, string.IsNullOrEmpty(After) ? null : After, Rows, CancellationToken.None);
        if (asked != (Required, Rollout, After)) return;   // the address moved on
        (_fault, _page, _news) = (page.Fault, page.Ok ? page.Value : null, 0);
        _shownAt = Time.GetUtcNow();
        LookAgain();
        if (string.IsNullOrEmpty(Decision) || Decision == _opened || me.Fault is not null) return;
        _opened = Decision;
        if (await Desk.FindAsync(me.Value, Decision, CancellationToken.None) is not { Ok: true, Value: { } window }) return;
        if (window.Open) Ask(window, Say != "confirm");
        else _over = window;
    }

    /// <summary>Something happened: what is on screen says how it stands and keeps its place.</summary>
    private async Task LookAsync()
    {
        if (_page is not { Items.Count: > 0 } || await Me.GetAsync() is not { } me)
        {
            await LoadAsync();   // nobody is reading a list that is empty
            return;
        }
        var asked = (Required, Rollout, After);
        var shown = _page.Items.Select(w => w.DecisionId).ToHashSet();
        var first = string.IsNullOrEmpty(After) ? await Desk.ListAsync(me, Chosen, Required, null, Rows, CancellationToken.None) : default;
        var now = await Desk.RefreshAsync(me, [.. _page.Items.Select(w => w.DecisionId)], CancellationToken.None);
        if (asked != (Required, Rollout, After)) return;   // the address moved on
        if (now.All(w => !w.Open))
        {
            await LoadAsync();   // nothing of it is left to act on
            return;
        }
        _page = _page with { Items = now };
        // What only moved up to the end of what is shown is none of them.
        _news = string.IsNullOrEmpty(After) && first.Ok ? first.Value.Items.Count(w => !shown.Contains(w.DecisionId) && (_page.Next is null || w.ReportedAt > _shownAt)) : 0;
        LookAgain();
    }

    // A window that nobody has to confirm ends without a word: look again when the first one does.
    private void LookAgain()
    {
        if (_page?.Items.Where(w => w.Until > Time.GetUtcNow()).Select(w => (DateTimeOffset?)w.Until).Min() is { } next && next - Time.GetUtcNow() is var left && left < TimeSpan.FromDays(1))
            (_again ??= Time.CreateTimer(_ => _ = InvokeAsync(async () => { await LookAsync(); StateHasChanged(); }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)).Change(left + TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Ask(WindowView window, bool veto) => (_at, _veto, _asked) = (window.DecisionId, veto, window);

    private async Task OnKeyAsync(string key)
    {
        if (key == "n" && _news > 0) await LoadAsync();
        if (_page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(w => w.DecisionId == _at);
        if (key == "j") _at = page.Items[Math.Min(at + 1, page.Items.Count - 1)].DecisionId;
        else if (key == "k") _at = page.Items[Math.Max(at - 1, 0)].DecisionId;
        if (key is "j" or "k" or "n") return;
        var chosen = page.Items[Math.Max(at, 0)];
        if (key == "Enter") Navigation.NavigateTo("/decisions/" + chosen.DecisionId);
        else if (key == "c" && chosen is { Required: true, MayConfirm: true }) Ask(chosen, false);
        else if (key == "v" && chosen.MayVeto) Ask(chosen, true);
    }

    public void Dispose() => _again?.Dispose();

    private string Address(bool required) => "/provisional" + (required ? "?required=true" : "") + (Chosen is { } rollout ? (required ? "&" : "?") + "rollout=" + Uri.EscapeDataString(rollout) : "");
}
