using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using Verdict = OpsConsole.Core.Approvals.Verdict;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Several requests of one kind before one answer: what they share once, what differs as a table, then what became of each.</summary>
public sealed partial class BulkDialog
{
    private readonly string _why = $"bulk-{Guid.NewGuid():N}";
    private BulkTable? _table;
    private IReadOnlyList<BulkLeftOut> _leftOut = [];
    private BulkResult? _result;
    private string _reason = "", _code = "";
    private string? _wrong;
    private long _shownAt;
    private bool _wasOpen, _busy;

    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    /// <summary>What was chosen when the dialog opened; what changes afterwards is refused one by one.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<string> Ids { get; set; } = [];
    [Parameter] public bool Reject { get; set; }
    /// <summary>Something was decided.</summary>
    [Parameter] public EventCallback<BulkResult> OnDecided { get; set; }
    [Inject] private BulkDesk Desk { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private int Count => _table?.Rows.Count ?? 0;
    private bool Explained => _code.Length > 0 && (_code != ReasonCodes.Other || !string.IsNullOrWhiteSpace(_reason));
    private string Heading => _result is not null ? "What became of them" : $"{(Reject ? "Reject" : "Approve")} {(Count > 0 ? Count : Ids.Count)} together";

    protected override async Task OnParametersSetAsync()
    {
        if (Open == _wasOpen) return;
        _wasOpen = Open;
        (_table, _leftOut, _result, _reason, _code, _wrong) = (null, [], null, "", "", null);
        if (!Open || await Person.GetAsync() is not { } me) return;
        var ids = Ids;
        var found = await Desk.PreviewAsync(me, [.. ids.Take(Desk.Most)], CancellationToken.None);
        _shownAt = Time.GetTimestamp();
        (_table, _leftOut) = (BulkTable.Of(found.Requests), [.. found.LeftOut, .. ids.Skip(Desk.Most).Select(id => new BulkLeftOut(id, id, "bulk.too_many", $"At most {Desk.Most} are decided together."))]);
    }

    private async Task SendAsync()
    {
        if (_busy || _table is not { Rows.Count: > 0 } table || await Person.GetAsync() is not { } me) return;
        (_busy, _wrong) = (true, null);
        try
        {
            var done = await Desk.DecideAsync(me, new BulkVerdict([.. table.Rows.Select(r => new BulkItem(r.Request.Id, r.Request.Version))], Reject ? Verdict.Reject : Verdict.Approve, Reject && _reason.Trim() is { Length: > 0 } words ? words : null, Reject ? _code : null, Time.GetElapsedTime(_shownAt)), CancellationToken.None);
            _wrong = done.Fault?.Message;
            if (!done.Ok) return;
            if (done.Value.Refused == 0) await OpenChanged.InvokeAsync(false);
            else _result = done.Value;
            await OnDecided.InvokeAsync(done.Value);
        }
        finally
        {
            _busy = false;
        }
    }

    private string WhatOf(string id) => _table?.Rows.FirstOrDefault(r => r.Request.Id == id).Request is { } request ? ApprovalCard.What(request) : id;

    private static string Did(string? status) => status switch { "pending" => "counted; it waits for more people", _ => status ?? "" };
}
