using System.Text.Json;

namespace OpsConsole.Features.Decisions.Api;

// The wire contracts of section N, for the OpenAPI document. Bodies are read strictly by AskReader and ReportReader, answers are written by DecisionWire.

/// <summary>A question before an action.</summary>
public sealed record AskRequest(string Action, ResourceDto? Resource, JsonElement? Arguments, string? RunId, double? Confidence, string? Reasoning, IReadOnlyList<string>? Alternatives, IReadOnlyList<ContextDto>? Context, CostDto? ExpectedCost, UndoDto? Undo,
    JsonElement? Preconditions, string? Mode, string? OnBehalfOf);

public sealed record ResourceDto(string? Type, string? Id, JsonElement? Attributes);
public sealed record ContextDto(string Kind, string? Ref, string? Text);
public sealed record CostDto(string? Usd, long? Tokens);
public sealed record UndoDto(string Kind, string? Description, string? Action, JsonElement? Arguments);
public sealed record ReasonDto(string Code, string Message, string? Rule);
public sealed record AuthorityDto(string? Tier, string? Gate, string? Rule, int MatrixVersion);
public sealed record ApprovalDto(string Id, string Status, string? ReasonCode, DateTimeOffset ExpiresAt, string ReviewUrl, string? Turn, QuestionDto? Question);
/// <summary>What people want to know before they decide: to be answered with <c>POST decisions/{id}/answer</c>.</summary>
public sealed record QuestionDto(string Id, string Text, string AskedBy, DateTimeOffset AskedAt);

/// <summary>The console's answer.</summary>
public sealed record AnswerResponse(string Id, string Outcome, string Action, IReadOnlyList<ReasonDto> Reasons, AuthorityDto Authority, ApprovalDto? Approval, JsonElement Arguments, string Digest, DateTimeOffset? ValidUntil, DateTimeOffset? ReversibleUntil,
    string? WouldBe, string? LimitedBy, string Mode, bool ClaimRequired);

/// <summary>The agent's answer to a question.</summary>
public sealed record AnswerRequest(string Question, string Answer);
public sealed record ClaimRequest(JsonElement? Arguments, JsonElement? Preconditions);
public sealed record WriteDto(string System, string Record, string Operation, JsonElement? Before, JsonElement? After, UndoDto? Undo);

/// <summary>What became of it. Of a shadow sample, of which nothing ran: what people did, and nothing else.</summary>
public sealed record OutcomeRequest(string? Status, JsonElement? Result, string? Error, CostDto? Cost, IReadOnlyList<WriteDto>? Writes, Shadow.HumanRequest? Human);
public sealed record OutcomeResponse(string Id, string Status, bool Late);
