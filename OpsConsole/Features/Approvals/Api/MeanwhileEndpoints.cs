using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals.Api;

/// <summary>What happens to a request besides verdicts: somebody claims it, the owner answers a question, a yes is taken back. All answer with the request as it stands.</summary>
internal static class MeanwhileEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/api/v1/approvals/{id}/claim", ClaimAsync).ForPeople("approvals").Takes<ApprovalClaimRequest>().Produces<ApprovalView>().WithName("claim approval");
        app.MapDelete("/api/v1/approvals/{id}/claim", LetGoAsync).ForPeople("approvals").Produces<ApprovalView>().WithName("end claim of approval");
        app.MapPost("/api/v1/approvals/{id}/answer", AnswerAsync).ForPeople("approvals").Takes<OwnerAnswerRequest>().Produces<ApprovalView>().WithName("answer as owner");
        app.MapPost("/api/v1/approvals/{id}/take_back", TakeBackAsync).ForPeople("approvals").Takes<TakeBackRequest>().Produces<ApprovalView>().WithName("take back approval");
    }

    private static async Task<IResult> ClaimAsync(string id, HttpContext http, JsonBody body, ApprovalInbox inbox, ClaimDesk claims, CancellationToken ct)
    {
        if (await HiddenAsync(id, http, inbox, ct) is { } hidden) return hidden;
        var read = await body.ReadAsync(optional: true);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var fields = new Fields(read.Value);
        var takeOver = fields.Flag("take_over") ?? false;
        if (fields.Finish() is { } invalid) return invalid.ToHttp();
        return ToHttp(await claims.ClaimAsync(http.Person()!, id, takeOver, ct));
    }

    private static async Task<IResult> LetGoAsync(string id, HttpContext http, ClaimDesk claims, CancellationToken ct) => ToHttp(await claims.LetGoAsync(http.Person()!, id, ct));

    private static async Task<IResult> AnswerAsync(string id, HttpContext http, JsonBody body, ApprovalInbox inbox, AskBackDesk questions, CancellationToken ct)
    {
        if (await HiddenAsync(id, http, inbox, ct) is { } hidden) return hidden;
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var fields = new Fields(read.Value);
        var (question, answer) = (fields.Text("question", 100, required: true), fields.Text("answer", required: true));
        if (fields.Finish() is { } invalid) return invalid.ToHttp();
        return ToHttp(await questions.AnswerAsync(http.Person()!, id, question!, answer!, ct));
    }

    private static async Task<IResult> TakeBackAsync(string id, HttpContext http, JsonBody body, ApprovalInbox inbox, TakeBackDesk desk, CancellationToken ct)
    {
        if (await HiddenAsync(id, http, inbox, ct) is { } hidden) return hidden;
        var read = await body.ReadAsync(optional: true);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var fields = new Fields(read.Value);
        var reason = fields.Text("reason");
        if (fields.Finish() is { } invalid) return invalid.ToHttp();
        return ToHttp(await desk.TakeBackAsync(http.Person()!, id, reason, ct));
    }

    // Whoever may not see it learns nothing by what is wrong with their body.
    private static async Task<IResult?> HiddenAsync(string id, HttpContext http, ApprovalInbox inbox, CancellationToken ct)
        => (await inbox.FindAsync(http.Person()!, id, ct)).Fault?.ToHttp();

    private static IResult ToHttp(Result<ApprovalView> result) => result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);

    /// <summary>'I am looking at this.' <c>take_over</c>: also where somebody else does.</summary>
    public sealed record ApprovalClaimRequest(bool? TakeOver);
    /// <summary>The owner's answer to a question asked of the owner.</summary>
    public sealed record OwnerAnswerRequest(string Question, string Answer);
    public sealed record TakeBackRequest(string? Reason);
}
