using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Shadow.Ui;

/// <summary>What waits to be recorded, newest first, and the sample that is open: four keys say what people did. New samples are counted, they do not move what is being read.</summary>
public sealed partial class ShadowQueue
{
    private const int PageSize = 50;
    private static readonly PageKey[] Keys = [new("1", "People did just that"), new("2", "Other arguments"), new("3", "Something else"), new("4", "Nothing"), new("j", "Next sample"), new("k", "Sample before"), new("Escape", "Back")];

    private List<ShadowSampleView>? _rows;
    private ShadowSampleView? _open, _last;
    private HumanDid? _form;
    private IReadOnlyList<string> _known = [];
    private string? _fault, _missing, _refusal, _wrong, _said, _next, _shown, _left;
    private string _action = "", _arguments = "", _note = "";
    private int _news, _read = -1;
    private bool _busy;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter, EditorRequired] public ShadowQuery Query { get; set; } = new();
    [Parameter] public string? After { get; set; }
    /// <summary>The decision that is open; null: the first of the list, on a wide screen.</summary>
    [Parameter] public string? Sample { get; set; }
    /// <summary>The address of a sample on this page of the list.</summary>
    [Parameter, EditorRequired] public Func<string?, string> At { get; set; } = default!;
    /// <summary>The address of another page of the list.</summary>
    [Parameter, EditorRequired] public Func<string?, string> Older { get; set; } = default!;
    /// <summary>Grows whenever something was recorded.</summary>
    [Parameter] public int Loaded { get; set; }
    [Inject] private ShadowReader Reader { get; set; } = default!;
    [Inject] private ShadowDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        if (_read != Loaded)
        {
            (_read, _shown) = (Loaded, null);
            await ReloadAsync();
        }
        else await OpenAsync();
    }

    private async Task ReloadAsync()
    {
        var me = await Person.RequireAsync();
        var page = me.Fault is { } gone ? gone : await Reader.OpenAsync(me.Value, RolloutId, Query, new PageQuery(string.IsNullOrEmpty(After) ? null : After, PageSize), CancellationToken.None);
        _fault = page.Fault?.Message;
        if (!page.Ok) return;
        _refusal = Desk.MayRecord(me.Value, RolloutId)?.Message;
        var newest = _rows is [var first, ..] ? first.At : (DateTimeOffset?)null;
        List<ShadowSampleView> fresh = [.. page.Value.Items];
        // What came since stays aside until it is asked for.
        _news = newest is null || After is not null ? 0 : fresh.Count(s => s.At > newest);
        if (_news > 0 && _news < fresh.Count) fresh.RemoveRange(0, _news);
        else _news = 0;
        (_rows, _next) = (fresh, page.Value.Next);
        await OpenAsync(again: true);
    }

    private Task ShowNewsAsync()
    {
        _rows = null;
        return ReloadAsync();
    }

    /// <summary>Opens what the address says, or the first of the list.</summary>
    private async Task OpenAsync(bool again = false)
    {
        // What somebody reads stays under their hands, also when a colleague has just recorded it.
        var wanted = Sample ?? (again && _shown is not null && _shown != _left ? _shown : _rows is [var first, ..] ? first.DecisionId : null);
        if (wanted is not null && wanted == _left) return;   // just recorded: the address moves on at this moment
        _left = null;
        if (wanted is null)
        {
            (_open, _shown, _missing) = (null, null, null);
            return;
        }
        if (wanted == _shown && !again) return;
        if (wanted != _shown) Leave();
        if (wanted != _shown) _note = "";
        _shown = wanted;
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, RolloutId, wanted, CancellationToken.None);
        if (_shown != wanted) return;   // another one was chosen meanwhile
        (_open, _missing) = (found.Ok ? found.Value : null, found.Fault?.Message);
    }

    private async Task KeyAsync(string key)
    {
        if (key == "Escape") { if (_form is not null) Leave(); else if (Sample is not null) Navigation.NavigateTo(At(null)); return; }
        if (key is "j" or "k") { Move(key == "j" ? 1 : -1); return; }
        // What was recorded already is corrected by its buttons: a key too many must change nothing.
        if (_form is null && _open?.Recorded is not { ByPerson: true } && int.TryParse(key, System.Globalization.CultureInfo.InvariantCulture, out var which) && which is >= 1 and <= 4) await ChooseAsync((HumanDid)(which - 1));
    }

    private void Move(int by)
    {
        if (_rows is not { Count: > 0 } rows) return;
        var at = rows.FindIndex(s => s.DecisionId == _shown);
        Navigation.NavigateTo(At(rows[at < 0 ? 0 : Math.Clamp(at + by, 0, rows.Count - 1)].DecisionId), replace: true);
    }

    private void Leave() => (_form, _wrong) = (null, null);

    /// <summary>Whether what is on screen is what was chosen: a key pressed while the next one is still being read must not be said of the one before.</summary>
    private bool Ready => !_busy && _open is not null && _open.DecisionId == _shown;

    private async Task ChooseAsync(HumanDid did)
    {
        if (!Ready || _open is not { } open || _refusal is not null) return;
        if (did is HumanDid.Same or HumanDid.Nothing)
        {
            await RecordAsync(did);
            return;
        }
        (_form, _wrong, _action) = (did, null, "");
        _arguments = did == HumanDid.Edited && open.Arguments is { } arguments ? JsonSerializer.Serialize(arguments, Readable) : "";
        _known = [.. _rows!.Select(s => s.Action).Where(a => a != open.Action).Distinct(StringComparer.Ordinal).Take(50)];
    }

    private async Task RecordAsync(HumanDid did)
    {
        if (!Ready || _open is not { } open) return;
        JsonElement? arguments = null;
        if (did is HumanDid.Edited or HumanDid.Different && !string.IsNullOrWhiteSpace(_arguments))
        {
            try { arguments = JsonElement.Parse(_arguments); }
            catch (JsonException) { }
            if (arguments is not { ValueKind: JsonValueKind.Object })
            {
                _wrong = "The arguments are no JSON object, such as { \"amount\": 20 }. Mend them, or leave the field empty.";
                return;
            }
            if (did == HumanDid.Edited && open.Arguments is { } proposed && JsonElement.DeepEquals(proposed, arguments.Value)) arguments = null;   // left as it was
        }
        _busy = true;
        var at = _rows!.FindIndex(s => s.DecisionId == open.DecisionId);   // before it is recorded: the list may be read anew before the answer is here
        try
        {
            var me = await Person.RequireAsync();
            var done = me.Fault is { } gone ? gone : await Desk.RecordAsync(me.Value, open.DecisionId, new HumanRequest(did, did == HumanDid.Different ? _action : null, arguments, _note));
            _wrong = done.Fault?.Message;
            if (!done.Ok) return;
            _last = open with { Recorded = done.Value };
            _said = $"Recorded: people {ShadowText.Did(did)}.";
            _rows!.RemoveAll(s => s.DecisionId == open.DecisionId);
            Leave();
            _note = "";
            // On with the next one; what was looked at by itself, to correct it, stays.
            if (at < 0)
            {
                await OpenAsync(again: true);
                return;
            }
            (_shown, _left) = (null, open.DecisionId);
            if (_rows.Count > 0) Navigation.NavigateTo(At(_rows[Math.Min(at, _rows.Count - 1)].DecisionId), replace: true);
            else Navigation.NavigateTo(At(null), replace: true);
        }
        finally { _busy = false; }
    }

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
