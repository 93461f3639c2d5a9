using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The versions of a matrix: any two compared, one put back into the draft, and who answered under one.</summary>
public sealed partial class VersionsPage
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);   // answers come all the time
    private VersionsView? _view;
    private DiffView? _diff, _restored;
    private AnswersView? _answers;
    private Fault? _fault;
    private string _from = "", _to = VersionDesk.Draft;
    private string? _wrong, _noAnswers, _refusal;
    private int? _restoring;
    private long _restoringOver;
    private long? _confirming;
    private (string From, string To, long Draft) _compared;

    [Parameter] public string Id { get; set; } = "";
    /// <summary>What is compared: <c>draft</c> or the number of a version. Without it, what is in force with the draft.</summary>
    [SupplyParameterFromQuery] public string? From { get; set; }
    [SupplyParameterFromQuery] public string? To { get; set; }
    /// <summary>The version whose answers are shown; without it the one in force.</summary>
    [SupplyParameterFromQuery] public string? Of { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }

    private string[] Topics => ["state", "approvals", "matrix:" + Id];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, Id, new PageQuery(string.IsNullOrEmpty(After) ? null : After, 50), CancellationToken.None);
        _fault = view.Fault;
        if (!view.Ok) return;
        _view = view.Value;
        var newest = _view.Versions.Items.Count > 0 ? _view.Versions.Items.FirstOrDefault(v => v.InForce) ?? _view.Versions.Items[0] : null;
        if (newest is null) return;
        (_from, _to) = (Given(From) ?? Number(newest.Version), Given(To) ?? VersionDesk.Draft);
        // Versions never change: only another draft, or another choice, can differ otherwise.
        if (_compared != (_from, _to, _view.DraftVersion))
        {
            var diff = await Desk.DiffAsync(me, Id, _from, _to, CancellationToken.None);
            (_diff, _wrong, _compared) = (diff.Ok ? diff.Value : null, diff.Fault?.Message, (_from, _to, _view.DraftVersion));
        }
        await AnswersAsync(me, newest.Version);
    }

    private async Task AnswersAsync(PersonCaller me, int inForce)
    {
        var version = Given(Of) is not { } asked ? inForce : int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var answers = await Answers.SumAsync(me, Id, version, CancellationToken.None);
        (_answers, _noAnswers) = (answers.Ok ? answers.Value : null, answers.Fault?.Message);
    }

    private void Compare(string? from, string? to) => Navigation.NavigateTo(Address(from, to, Of));

    private string Address(string? from, string? to, string? of) => Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        // A version alone is compared with the draft, in this order, so that a page of a lone first version says something too.
        ["from"] = from ?? to, ["to"] = from is null ? VersionDesk.Draft : to, ["of"] = Given(of),
    });

    private async Task AskRestoreAsync(int version)
    {
        var me = await Me.RequireAsync();
        if (me.Fault is not null || _view is null) return;
        var diff = await Desk.DiffAsync(me.Value, Id, VersionDesk.Draft, Number(version), CancellationToken.None);
        (_restored, _refusal, _restoring, _restoringOver) = (diff.Ok ? diff.Value : null, diff.Fault?.Message, version, _view.DraftVersion);
    }

    private async Task RestoreAsync()
    {
        var me = await Me.RequireAsync();
        if (_restoring is not { } version) return;
        var saved = me.Fault is { } gone ? gone : await Desk.RestoreAsync(me.Value, Id, version, _restoringOver, CancellationToken.None);
        _refusal = saved.Fault is null ? null : saved.Fault.Code == "matrix.stale" ? "Somebody saved the draft in the meantime. Close this and look at it before you replace it." : saved.Fault.Message;
        await LoadAsync();
        if (!saved.Ok) return;
        _restoring = null;
        Toasts.Done($"Version {version} is in the draft (v{saved.Value.Version}). Publishing it is the next step.");
    }

    private async Task ConfirmAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        if (_confirming is not { } draft) return;
        var published = me.Fault is { } gone ? gone : await Matrices.PublishAsync(me.Value, Id, new PublishRequest(reason ?? ""), CancellationToken.None, draft);
        _refusal = published.Fault?.Message;
        await LoadAsync();
        if (!published.Ok) return;
        _confirming = null;
        Toasts.Done(published.Value.Proposed is null ? $"Version {published.Value.Version} is in force." : "The proposal was taken back in the meantime, so this is a new one: it takes a second person.");
    }

    private async Task WithdrawAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.WithdrawAsync(me.Value, Id, new WithdrawRequest(null));
        await LoadAsync();
        Toasts.Done(done.Fault?.Message ?? "The proposal is taken back. The draft stays as it is.");
    }

    /// <summary>What can be chosen: the versions on this page, and the one that is.</summary>
    private IEnumerable<int> Numbers(string chosen)
        => _view!.Versions.Items.Select(v => v.Version).Concat(int.TryParse(chosen, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? [n] : []).Distinct().OrderDescending();

    private static string Number(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static string Lower(string sentence) => sentence.Length == 0 ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
