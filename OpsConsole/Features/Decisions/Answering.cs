using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Decisions;

/// <summary>How an answer to a question back goes on record, whoever gives it. Inside the writer's transaction.</summary>
public static class Answering
{
    /// <summary>The same answer again is success. Faults: not found (also a question that was asked of somebody else), <c>question.answered</c>, <c>approval.decided</c>, <c>approval.expired</c>.</summary>
    /// <param name="who">Whose question it has to be.</param>
    /// <param name="by">The agent's or the person's id.</param>
    public static async Task<Result<Done>> TakeAsync(ChangeScope scope, ApprovalRequest approval, DecisionRecord d, string questionId, Turn who, string by, Actor actor, string answer, CancellationToken ct)
    {
        var question = await scope.Db.ApprovalQuestions.SingleOrDefaultAsync(q => q.Id == questionId, ct);
        if (question is null || question.ApprovalSeq != approval.Seq || question.To != who) return Fault.NotFound("question");
        var taken = AskBack.Answer(approval, question, answer, by, scope.Now);
        if (taken.Fault is { } fault) return fault;
        if (!taken.Value) return Done.Value;
        scope.Audit(actor, "approval.answered", approval.Id, new { question = question.Id, by = DecisionWire.Word(who) }, new { answer }, d.RolloutId, d.Seq);
        scope.Signal("approvals");
        scope.Signal("decision:" + d.Id);
        return Done.Value;
    }
}
