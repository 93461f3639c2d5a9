using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Audit.Ui;

/// <summary>The log, an entry with its proof, and the verification.</summary>
public sealed partial class AuditPage
{
    private static readonly string[] Topics = [AuditCheck.Topic];
    private static readonly PageKey[] Keys = [new("j", "Next entry"), new("k", "Entry before"), new("v", "Verify now"), new("Escape", "Back to the list")];
    private Wire.Page<AuditEntryView>? _page;
    private AuditProof? _proof;
    private string? _fault, _proofFault, _event, _actor, _object;
    private DateOnly? _from, _to;

    [SupplyParameterFromQuery] public string? Event { get; set; }
    [SupplyParameterFromQuery] public string? Actor { get; set; }
    [SupplyParameterFromQuery] public string? Object { get; set; }
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }
    [SupplyParameterFromQuery] public long? Seq { get; set; }

    private bool Filtered => !(string.IsNullOrEmpty(Event) && string.IsNullOrEmpty(Actor) && string.IsNullOrEmpty(Object) && string.IsNullOrEmpty(From) && string.IsNullOrEmpty(To));

    protected override async Task OnParametersSetAsync()
    {
        (_event, _actor, _object) = (Event, Actor, Object);
        (_from, _to) = (Day(From), Day(To));
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var me = await Me.RequireAsync();
        if (me.Fault is { } gone)
        {
            _fault = gone.Message;
            return;
        }
        if (!QueryTime.TryRead(From, out var from) || !QueryTime.TryRead(To, out var to))
        {
            _fault = "The dates in the address cannot be read.";
            return;
        }
        var result = await Log.ListAsync(me.Value, new AuditFilter(Blank(Event), Blank(Actor), Blank(Object), from, to), Blank(After), 50, CancellationToken.None);
        (_page, _fault) = result.Fault is { } fault ? (null, fault.Message) : (result.Value, (string?)null);
        _proof = null;
        if (Seq is not { } seq) return;
        var proof = await Log.FindAsync(me.Value, seq, CancellationToken.None);
        (_proof, _proofFault) = proof.Fault is { } none ? (null, none.Message) : (proof.Value, (string?)null);
    }

    // Inside the page the check is run by whoever may read the log; the page itself is behind that policy.
    private void VerifyNow() => _ = Check.StartAsync();

    private void Redraw() => StateHasChanged();

    private bool IsBroken(long seq) => Check.State.Last?.Broken.Any(b => b.Seq == seq) ?? false;

    private void Apply() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters("/audit", new Dictionary<string, object?>
    {
        ["event"] = Blank(_event?.Trim()), ["actor"] = Blank(_actor?.Trim()), ["object"] = Blank(_object?.Trim()), ["from"] = Text(_from), ["to"] = Text(_to),
    }));

    private string Address(string? after = null) => Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["after"] = after, ["seq"] = (long?)null });
    private string Href(long seq) => Navigation.GetUriWithQueryParameter("seq", seq);

    private void OnKey(string key)
    {
        if (key == "v" && Check.State.Running is null) VerifyNow();
        if (key == "Escape" && Seq is not null) Navigation.NavigateTo(Address(After));
        if (key is not ("j" or "k") || _page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(e => e.Seq == Seq);
        var next = key == "j" ? Math.Min(at + 1, page.Items.Count - 1) : Math.Max(at - 1, 0);
        Navigation.NavigateTo(Href(page.Items[next].Seq), replace: true);
    }

    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
