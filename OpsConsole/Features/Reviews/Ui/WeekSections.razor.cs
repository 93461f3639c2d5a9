using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Features.Workshop;
using OpsConsole.Features.Workshop.Ui;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Reviews.Ui;

/// <summary>What people make of a week, typed by several at once as worksheets are. Once it is signed it is read.</summary>
public sealed partial class WeekSections
{
    private readonly Dictionary<string, (WeekSectionView Of, Register Texts)> _texts = new(StringComparer.Ordinal);
    /// <summary>What was typed and is not on record, with the reason.</summary>
    private readonly Dictionary<string, (string Why, string Text)> _refused = new(StringComparer.Ordinal);
    private IReadOnlyList<Present> _others = [];
    private Presence.Seat? _seat;
    private LiveScript _live = default!;
    private DotNetObjectReference<WeekSections>? _self;
    private ElementReference _root;
    private FieldKey? _history;
    private (long Version, IReadOnlyList<WeekSectionView> Sections) _now = (0, []);
    private string? _refusal;
    private string _of = "", _me = "";
    private bool _disposed;

    [Parameter, EditorRequired] public WeeklyReviewView View { get; set; } = default!;
    /// <summary>Which version of the review is on screen: what is heavier than its texts is not read, nor drawn, whenever somebody types.</summary>
    public long Version => _now.Version;

    protected override void OnInitialized() => _live = new(Js);

    protected override async Task OnParametersSetAsync()
    {
        if (_of != View.Id)   // another week in the same page: what was typed here is brought to its end first
        {
            var before = _of;
            (_of, _history, _refusal, _now) = (View.Id, null, null, (View.Version, View.Sections));
            _refused.Clear();
            _texts.Clear();
            _seat?.Dispose();
            _seat = null;
            if (before.Length > 0) await _live.LeaveAsync();
        }
        else if (_now.Version <= View.Version) _now = (View.Version, View.Sections);   // one that began earlier may end later
        if (await Me.GetAsync() is not { } me || _disposed) return;
        _me = me.Id;
        _seat ??= Presence.Enter(WeeklyReviewDesk.PeopleTopic(View.Id), me.Id);
        _others = Presence.In(_seat.Room, _seat);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_disposed || _me.Length == 0) return;
        try
        {
            _self ??= DotNetObjectReference.Create(this);
            if (await _live.AttachAsync(() => _root, _self, View.Id, _me, View.MayWrite)) StateHasChanged();
            await _live.ShowAsync(_now.Sections.Select(s => (FieldKey.Parse(s.Field)!.Value, Texts(s))), _me);
        }
        catch (Exception e) when (e.IsGone() || _disposed) { /* nobody is looking any more */ }
    }

    /// <summary>Called by the script with texts that are to be kept; answers as <see cref="SentPatch.AnswersAsync"/> does.</summary>
    [JSInvokable]
    public async Task<string?[]> PatchAsync(string review, SentPatch?[]? patches)
    {
        var requests = SentPatch.Requests(patches);
        var answers = await SentPatch.AnswersAsync(requests, some => SendAsync(review, some));
        if (review != View.Id || _disposed) return answers;
        foreach (var (request, answer) in requests.Zip(answers))
        {
            if (answer is null) _refused.Remove(request.Field);
            else if (answer != "again") _refused[request.Field] = (answer, request.Value);
        }
        StateHasChanged();
        return answers;
    }

    /// <summary>Called by the script when a text that was refused is as it was before.</summary>
    [JSInvokable]
    public void TakenBack(string review, string field)
    {
        if (review == View.Id && _refused.Remove(field)) StateHasChanged();
    }

    /// <summary>Called by the script when the caret enters or leaves a section.</summary>
    [JSInvokable]
    public void Here(string? field) => _seat?.Stand(_now.Sections.Any(s => s.Field == field) ? field : null);

    /// <summary>Called by the script for Ctrl+Z outside a field: what stood there is in the history, nothing is taken back by a key.</summary>
    [JSInvokable]
    public void UndoAsync() { }

    private async Task<Fault?> SendAsync(string review, PatchRequest[] patches)
    {
        var me = await Me.RequireAsync();
        return me.Fault is { } gone ? gone : (await Desk.PatchAsync(me.Value, review, patches)).Fault;
    }

    private async Task ReadAsync()
    {
        var of = View.Id;
        var me = await Me.RequireAsync();
        var now = me.Fault is { } gone ? gone : await Reader.TextsAsync(me.Value, View.RolloutId, of, CancellationToken.None);
        if (now.Ok && of == View.Id && !_disposed && _now.Version < now.Value.Version) _now = now.Value;   // who may not see it any more is told by the page
    }

    /// <summary>Puts a text over those that were drawn beside it, and over what the chooser wrote since: what others wrote since stands.</summary>
    private async Task ChooseAsync(ChosenText chosen)
    {
        var (of, field) = (View.Id, chosen.Field.ToString());
        _history = null;
        await _live.DoAsync("flush");
        var me = await Me.RequireAsync();
        var now = me.Fault is { } gone ? gone : await Reader.TextsAsync(me.Value, View.RolloutId, of, CancellationToken.None);
        if (of != View.Id) return;
        _refusal = now.Fault?.Message ?? (await SendAsync(of, [new PatchRequest(SentPatch.Chosen + Guid.NewGuid().ToString("N"), field,
            [.. now.Value.Sections.Single(s => s.Field == field).Standing.Where(t => chosen.Over.Contains(t.Id) || t.By.Id == me.Value.Id).Select(t => t.Id)], chosen.Value)]))?.Message;
        await ReadAsync();
    }

    private async Task<Result<Wire.Page<PatchView>>> HistoryAsync(FieldKey field, PageQuery page)
    {
        var me = await Me.RequireAsync();
        return me.Fault is { } gone ? gone : await Desk.HistoryAsync(me.Value, View.RolloutId, View.Id, field.Name, page, CancellationToken.None);
    }

    private Task LookAroundAsync()
    {
        if (_seat is not null) _others = Presence.In(_seat.Room, _seat);
        return Task.CompletedTask;
    }

    /// <summary>The same register as long as the same texts stand: nothing is drawn again for nothing.</summary>
    private Register Texts(WeekSectionView section)
    {
        if (_texts.TryGetValue(section.Field, out var known) && known.Of.Standing.Select(t => t.Id).SequenceEqual(section.Standing.Select(t => t.Id))) return known.Texts;
        var key = FieldKey.Parse(section.Field)!.Value;
        var texts = Register.Of(section.Standing.Select(t => new Patch(View.RolloutId, t.Id, key, [], t.Value, t.By.Id, t.At)));
        _texts[section.Field] = (section, texts);
        return texts;
    }

    private static FieldSpec Spec(WeekSectionView section, string title) => new(section.Key, title, FieldKind.Text, true, section.Help, WeeklyReview.Sections.First(s => s.Key == section.Key).Example);

    private string Title(WeekSectionView section) => WeekWords.Title(View.Evidence, section.Key);

    private IReadOnlyList<string> HereIn(WeekSectionView section) => _others.Count == 0 ? [] : [.. _others.Where(o => o.Where == section.Field).Select(o => VisibleText.Flatten(View.NameOf(o.PersonId))).Distinct()];

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _seat?.Dispose();
        await _live.DisposeAsync();
        _self?.Dispose();
    }
}
