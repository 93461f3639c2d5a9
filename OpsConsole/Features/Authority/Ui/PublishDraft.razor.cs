using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Asks for the reason and publishes the draft, or proposes it where that takes two: with what it changes, and only as it stood when it was asked.</summary>
public sealed partial class PublishDraft
{
    private const int Most = 8;
    private IReadOnlyList<ChangeView> _changes = [];
    private string? _refusal;
    private long _asked;
    private bool _open;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter, EditorRequired] public MatrixPageView View { get; set; } = default!;
    /// <summary>What is published, for its size.</summary>
    [Parameter, EditorRequired] public MatrixDocument Document { get; set; } = MatrixDocument.Empty;
    [Parameter] public int Warnings { get; set; }
    /// <summary>It was published, proposed or refused: what the page shows may have changed.</summary>
    [Parameter] public EventCallback OnDone { get; set; }
    [Inject] private MatrixDesk Desk { get; set; } = default!;
    [Inject] private VersionDesk Versions { get; set; } = default!;
    [Inject] private CurrentPerson Me { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private string Size => $"{Counted.Of(Document.Rules.Count, "rule")}, {Counted.Of(Document.Boundaries.Count, "boundary", "boundaries")}";

    /// <summary>What the button says that opens this.</summary>
    internal static string VerbOf(MatrixPageView view) => $"{(OnlyProposes(view) ? "Propose" : "Publish")} version {NextOf(view)}";

    /// <param name="draft">The version of the draft that is on the screen: what somebody saves from now on is refused, not published unseen.</param>
    public async Task AskAsync(long draft)
    {
        (_changes, _asked) = ([], draft);   // before the difference is read
        if (await Me.GetAsync() is { } me && View.Versions.Count > 0 && await Versions.DiffAsync(me, RolloutId, VersionDesk.InForce, VersionDesk.Draft, CancellationToken.None) is { Ok: true, Value: var diff }) _changes = diff.Changes;
        (_open, _refusal) = (true, null);
        StateHasChanged();
    }

    private async Task PublishAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var published = me.Fault is { } gone ? gone : await Desk.PublishAsync(me.Value, RolloutId, new PublishRequest(reason ?? ""), CancellationToken.None, _asked);
        _refusal = published.Fault?.Message;
        await OnDone.InvokeAsync();
        if (!published.Ok) return;
        _open = false;
        Toasts.Done(published.Value.Proposed is null ? $"Version {published.Value.Version} is in force." : "It is proposed. A second person who may publish puts it in force.");
    }

    private static bool OnlyProposes(MatrixPageView view) => view is { SecondPublisher: true, Proposal: null };
    private static int NextOf(MatrixPageView view) => view.Versions.Select(v => v.Version).DefaultIfEmpty(0).Max() + 1;
}
