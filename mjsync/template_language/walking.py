"""Going through a parsed template in reading order."""

from collections.abc import Iterable, Iterator

from mjsync.template_language.nodes import Binary, BodyNode, Branch, Call, Expression, For, If, Print, Set, Unary


def within(expression: Expression) -> Iterator[Expression]:
    """Give an expression and all it is made of, outermost first."""
    yield expression
    for operand in _operands(expression):
        yield from within(operand)


def _operands(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Binary(left=left, right=right):
            return (left, right)
        case Unary(operand=operand):
            return (operand,)
        case Call(arguments=arguments):
            return arguments
    return ()


def body_nodes(nodes: Iterable[BodyNode]) -> Iterator[BodyNode | Branch]:
    """Give every node of a body, those inside blocks behind the block they stand in."""
    for node in nodes:
        yield node
        match node:
            case If(branches=branches, otherwise=otherwise):
                for branch in branches:
                    yield branch
                    yield from body_nodes(branch.body)
                yield from body_nodes(otherwise)
            case For(body=body):
                yield from body_nodes(body)


def expression_of(node: BodyNode | Branch) -> Expression | None:
    """Give the expression of a node's own tag, if it has one."""
    match node:
        case Print(expression=expression):
            return expression
        case Set(value=value):
            return value
        case For(items=items):
            return items
        case Branch(condition=condition):
            return condition
        case _:
            return None
